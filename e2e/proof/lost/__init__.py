"""What is lost, where: one program measured in every setting, beside an oracle. A process of its own, scripts/proof.sh.

cells         every combination that is asked about
pythons       the interpreters of this machine, and an environment for each combination of libraries
scene         what a measured process needs around its program
run           one combination, measured and compared
table, plot   the answer
"""
