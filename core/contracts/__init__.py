"""The options and the result of every stage, one module a stage; standard library only."""
