package main

import (
	"bytes"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestParse(t *testing.T) {
	prompt := "Say hello.\n  echo: result it went well \necho:fail\nno echo: exit 1\necho: write /tmp/a b  c"
	want := []directive{{"result", "it went well"}, {"fail", ""}, {"write", "/tmp/a b  c"}}
	got := parse(prompt)
	if len(got) != len(want) {
		t.Fatalf("got %v, want %v", got, want)
	}
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("directive %d: got %v, want %v", i, got[i], want[i])
		}
	}
}

// Each case is a whole run: {folder} stands for a folder of its own, {server} for an HTTP server.
func TestRun(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintf(w, "you asked for %s\n", r.URL.Path)
	}))
	defer server.Close()
	for _, test := range []struct {
		name, prompt, message string
		code                  int
		prints                []string
	}{
		{name: "no directives", prompt: "hello", message: "done", prints: []string{"prompt        hello", usage}},
		{name: "result", prompt: "echo: result a\necho: result b", message: "a\nb"},
		{name: "fail", prompt: "echo: result a\necho: fail\necho: result b", code: 1, message: "a\nfailed as told"},
		{name: "exit", prompt: "echo: exit 3", code: 3, message: "exit 3 as told"},
		{name: "exit what", prompt: "echo: exit soon", code: 2, message: "echo: exit soon: a number from 0 to 255 is needed"},
		{name: "sleep", prompt: "echo: sleep 1ms", message: "done", prints: []string{"sleeping 1ms"}},
		{name: "sleep what", prompt: "echo: sleep well", code: 2, message: "echo: sleep well: a duration as 30s is needed"},
		{
			name:    "write appends",
			prompt:  "echo: write {folder}/f one two\necho: write {folder}/f three\necho: read {folder}/f",
			message: "done",
			prints:  []string{"write {folder}/f: ok", "read {folder}/f: ok\none two\nthree\n"},
		},
		{
			name:    "write where it can't",
			prompt:  "echo: write {folder}/no/f x\necho: read {folder}/no/f",
			message: "done",
			prints: []string{
				"write {folder}/no/f: open {folder}/no/f: no such file or directory",
				"read {folder}/no/f: open {folder}/no/f: no such file or directory",
			},
		},
		{
			name:    "get",
			prompt:  "echo: get {server}/a\necho: get {server}x",
			message: "done",
			prints:  []string{"get {server}/a: 200 OK\nyou asked for /a\n", "get {server}x: ", "invalid port"},
		},
		{
			name:    "serve where it can't",
			prompt:  "echo: serve all hello",
			code:    2,
			message: "echo: serve all: listen tcp: lookup tcp/all: unknown port",
			prints:  []string{"serving at port all"},
		},
		{
			name:    "wait where it can't",
			prompt:  "echo: wait all",
			code:    2,
			message: "echo: wait all: listen tcp: lookup tcp/all: unknown port",
			prints:  []string{"waiting at port all"},
		},
		{
			name:    "stat",
			prompt:  "echo: write {folder}/f one\necho: stat {folder}/f\necho: stat {folder}/no",
			message: "done",
			prints:  []string{"stat {folder}/f: 0644", "stat {folder}/no: stat {folder}/no: no such file or directory"},
		},
		{
			name:    "env",
			prompt:  "echo: env PLAIN\necho: env ABSENT\necho: env GH_TOKEN\necho: env NO_TOKEN",
			message: "done",
			prints:  []string{"env PLAIN=plain", "env ABSENT missing", "env GH_TOKEN set", "env NO_TOKEN missing"},
		},
		{name: "api", prompt: "echo: api", message: "done", prints: []string{"api: no token mounted"}},
		{name: "unknown", prompt: "echo: dance", code: 2, message: "echo: dance: no such directive; there are\n" + usage},
	} {
		t.Run(test.name, func(t *testing.T) {
			folder := t.TempDir()
			t.Setenv("AGENTJOB_CONFIG", filepath.Join(folder, "agent.json"))
			t.Setenv("PLAIN", "plain")
			t.Setenv("GH_TOKEN", "s3cr3t")
			here := strings.NewReplacer("{folder}", folder, "{server}", server.URL, "\n", `\n`)
			write(t, filepath.Join(folder, "agent.json"), `{"prompt":"`+here.Replace(test.prompt)+`"}`)
			var out bytes.Buffer
			a := &agent{out: &out, terminationLog: filepath.Join(folder, "termination-log")}
			if code := a.run(nil); code != test.code {
				t.Errorf("exit code %d, want %d", code, test.code)
			}
			if message := read(t, a.terminationLog); message != test.message {
				t.Errorf("termination message %q, want %q", message, test.message)
			}
			for _, line := range test.prints {
				line = strings.NewReplacer("{folder}", folder, "{server}", server.URL).Replace(line)
				if !strings.Contains(out.String(), line) {
					t.Errorf("%q is missing in\n%s", line, out.String())
				}
			}
			if strings.Contains(out.String(), "s3cr3t") {
				t.Error("the value of a secret was printed")
			}
		})
	}
}

func TestWait(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_, port, _ := net.SplitHostPort(listener.Addr().String())
	listener.Close()
	over := make(chan error, 1)
	go func() { over <- wait(port) }()
	for answer := ""; answer != "200 OK\ngoing on"; answer = get("http://127.0.0.1:" + port) {
		select {
		case err := <-over:
			t.Fatalf("it did not wait: %v", err)
		case <-time.After(20 * time.Millisecond):
		}
	}
	if err := <-over; err != nil {
		t.Error(err)
	}
}

func TestFacts(t *testing.T) {
	path := filepath.Join(t.TempDir(), "agent.json")
	write(t, path, `{
		"prompt": "fix it\nnow", "instructions": "be brief", "model": "large", "allowedTools": ["Read", "mcp__gmail__*"],
		"skill": {"repo": "o/skills", "name": "bump", "ref": "main"},
		"mcpServers": [
			{"name": "gmail", "command": "gmail-mcp", "args": ["--ro"]},
			{"name": "docs", "url": "https://docs", "headers": {"Authorization": "s3cr3t"}}
		],
		"repositories": [{"name": "main", "owner": "o", "repo": "r"}]
	}`)
	c, err := readConfig(path)
	if err != nil {
		t.Fatal(err)
	}
	want := []fact{
		{"config", path},
		{"prompt", "fix it\n              now"},
		{"instructions", "be brief"},
		{"model", "large"},
		{"tools", "Read, mcp__gmail__*"},
		{"skill", "bump from o/skills@main"},
		{"mcp server", "gmail: gmail-mcp --ro"},
		{"mcp server", "docs: https://docs"},
		{"repository", "main: o/r"},
	}
	got := c.facts()
	if len(got) != len(want) {
		t.Fatalf("got %q, want %q", got, want)
	}
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("fact %d: got %q, want %q", i, got[i], want[i])
		}
	}
}

func TestConfigFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "agent.json")
	t.Setenv("AGENTJOB_CONFIG", "")
	if _, err := configFile([]string{path}); err == nil || !strings.Contains(err.Error(), path) {
		t.Errorf("error %v should name %s", err, path)
	}
	write(t, path, "{}")
	if got, err := configFile([]string{"/no/such/file", path}); got != path || err != nil {
		t.Errorf("got %s, %v, want %s", got, err, path)
	}
	t.Setenv("AGENTJOB_CONFIG", "/elsewhere")
	if got, _ := configFile([]string{path}); got != "/elsewhere" {
		t.Errorf("got %s, want what AGENTJOB_CONFIG says", got)
	}
}

func TestInterrupt(t *testing.T) {
	log := filepath.Join(t.TempDir(), "termination-log")
	a := &agent{out: &bytes.Buffer{}, terminationLog: log}
	a.result("half of it")
	if code := a.interrupt(); code != 143 {
		t.Errorf("exit code %d, want 143", code)
	}
	if got := read(t, log); got != "half of it\ninterrupted" {
		t.Errorf("termination message %q", got)
	}
}

func write(t *testing.T, path, content string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
}

func read(t *testing.T, path string) string {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}
