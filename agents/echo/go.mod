module agentjob.io/agentjob/agents/echo

go 1.26.0
