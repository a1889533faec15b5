package main

import (
	"encoding/json"
	"fmt"
	"os"
	"sort"
	"strings"
)

// config is agent.json.
type config struct {
	path         string
	Prompt       string       `json:"prompt"`
	Instructions string       `json:"instructions"`
	Model        string       `json:"model"`
	AllowedTools []string     `json:"allowedTools"`
	Skill        *skill       `json:"skill"`
	Skills       []skill      `json:"skills"`
	MCPServers   []mcpServer  `json:"mcpServers"`
	Repositories []repository `json:"repositories"`
}

type skill struct{ Repo, Name, Ref string }

type mcpServer struct {
	Name, Command, URL string
	Args               []string
}

// repository is called name in the cluster and repo at its host.
type repository struct{ Name, Owner, Repo string }

type fact struct{ name, value string }

// configFile finds agent.json: where AGENTJOB_CONFIG says, else in its usual place, else the first argument that exists.
func configFile(arguments []string) (string, error) {
	if path := os.Getenv("AGENTJOB_CONFIG"); path != "" {
		return path, nil
	}
	candidates := append([]string{"/etc/agentjob/agent.json"}, arguments...)
	for _, path := range candidates {
		if info, err := os.Stat(path); err == nil && !info.IsDir() {
			return path, nil
		}
	}
	tried := strings.Join(candidates, ", ")
	return "", fmt.Errorf("no agent.json: set AGENTJOB_CONFIG to its path, or put it at one of %s", tried)
}

func readConfig(path string) (*config, error) {
	content, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	c := config{path: path}
	if err := json.Unmarshal(content, &c); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return &c, nil
}

// facts lists what the agent was told. Headers and environment of MCP servers are left out: they may hold secrets.
func (c *config) facts() []fact {
	facts := []fact{
		{"config", c.path},
		{"prompt", c.Prompt},
		{"instructions", c.Instructions},
		{"model", c.Model},
		{"tools", strings.Join(c.AllowedTools, ", ")},
	}
	skills := c.Skills
	if c.Skill != nil && len(skills) == 0 {
		skills = []skill{*c.Skill}
	}
	for _, s := range skills {
		facts = append(facts, fact{"skill", fmt.Sprintf("%s from %s@%s", s.Name, s.Repo, s.Ref)})
	}
	for _, s := range c.MCPServers {
		how := append([]string{s.Name + ":", s.Command + s.URL}, s.Args...)
		facts = append(facts, fact{"mcp server", strings.Join(how, " ")})
	}
	for _, r := range c.Repositories {
		facts = append(facts, fact{"repository", fmt.Sprintf("%s: %s/%s", r.Name, r.Owner, r.Repo)})
	}
	told := facts[:0]
	for _, f := range facts {
		if f.value = strings.ReplaceAll(strings.TrimSpace(f.value), "\n", "\n"+strings.Repeat(" ", 14)); f.value != "" {
			told = append(told, f)
		}
	}
	return told
}

// secrets tells which tokens the agent was given, never their values.
func secrets(environment []string) []fact {
	var found []fact
	for _, variable := range environment {
		if name, value, _ := strings.Cut(variable, "="); isSecret(name) {
			found = append(found, fact{"secret", name + " " + presence(value)})
		}
	}
	sort.Slice(found, func(i, j int) bool { return found[i].value < found[j].value })
	return found
}

func isSecret(name string) bool {
	for _, suffix := range []string{"_TOKEN", "_KEY", "_SECRET", "_PASSWORD", "_PAT", "_CREDENTIALS", "_AUTHORIZATION"} {
		if strings.HasSuffix(name, suffix) {
			return true
		}
	}
	return false
}

func presence(value string) string {
	if value == "" {
		return "missing"
	}
	return "set"
}
