module agentjob.io/agentjob/test/bench/load

go 1.26.0
