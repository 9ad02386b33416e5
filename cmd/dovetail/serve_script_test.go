package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/rogpeppe/go-internal/testscript"
)

// serving is the program as it serves a hub for a script.
type serving struct {
	cmd *exec.Cmd
	log *os.File
}

// servings is the hub that a script has served just now.
type servings struct{ running *serving }

// servingKey is where a script keeps it.
type servingKey struct{}

// serveCommand serves a hub until the script ends, or says served, with its address as $HUB: serve --db hub.db
// What the program says goes to the file serve.log, as JSON.
func serveCommand(ts *testscript.TestScript, neg bool, args []string) {
	if neg {
		ts.Fatalf("usage: serve ARGS…")
	}
	now, _ := ts.Value(servingKey{}).(*servings)
	if now.running != nil {
		ts.Fatalf("a hub is served already")
	}
	program := filepath.Join(filepath.SplitList(ts.Getenv("PATH"))[0], "dovetail")
	s := &serving{cmd: exec.Command(program, append([]string{"--json", "serve", "--addr", "127.0.0.1:0"}, args...)...)}
	s.cmd.Dir = ts.MkAbs(".")
	s.cmd.Env = append(os.Environ(), "DOVETAIL_USER="+ts.Getenv("DOVETAIL_USER"), "TZ=UTC")
	var err error
	s.log, err = os.Create(ts.MkAbs("serve.log"))
	ts.Check(err)
	s.cmd.Stderr = s.log
	out, err := s.cmd.StdoutPipe()
	ts.Check(err)
	ts.Check(s.cmd.Start())
	now.running = s
	ts.Defer(func() {
		if now.running == s {
			s.cmd.Process.Kill()
			s.cmd.Wait()
			s.log.Close()
		}
	})
	line, err := bufio.NewReader(out).ReadBytes('\n')
	var said struct {
		URL string `json:"url"`
	}
	if err = errors.Join(err, json.Unmarshal(line, &said)); err != nil {
		ts.Fatalf("serve: %v: %s%s", err, line, ts.ReadFile("serve.log"))
	}
	ts.Setenv("HUB", said.URL)
}

// servedCommand interrupts what serve began, and checks that it ends well.
func servedCommand(ts *testscript.TestScript, neg bool, args []string) {
	now, _ := ts.Value(servingKey{}).(*servings)
	s := now.running
	if neg || len(args) > 0 || s == nil {
		ts.Fatalf("usage: served, after serve")
	}
	ts.Check(s.cmd.Process.Signal(syscall.SIGTERM))
	err := s.cmd.Wait()
	now.running = nil
	ts.Check(errors.Join(err, s.log.Close()))
}

// fromfileCommand sets a variable to what a file holds: fromfile DOVETAIL_TOKEN token
func fromfileCommand(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: fromfile VARIABLE FILE")
	}
	ts.Setenv(args[0], strings.TrimSpace(ts.ReadFile(args[1])))
}

// curlMain is as much of curl as the scripts and the README use: curl [-s] [-i] [-X METHOD] [-H HEADER] [-d BODY] [--json BODY]
// [--data-binary @FILE] URL
func curlMain(args []string, out, errw io.Writer) int {
	if err := runCurl(args, out); err != nil {
		fmt.Fprintln(errw, "curl:", err)
		return 1
	}
	return 0
}

func runCurl(args []string, out io.Writer) error {
	method, body, address, head := "", "", "", false
	header := http.Header{"Accept": {"*/*"}}
	set := func(name, value string) {
		if header.Get(name) == "" {
			header.Set(name, value)
		}
	}
	for len(args) > 0 {
		flag := args[0]
		args = args[1:]
		value := ""
		if len(args) > 0 && (len(flag) == 2 || flag == "--json" || flag == "--data-binary") && flag != "-s" && flag != "-i" {
			value, args = args[0], args[1:]
		}
		switch flag {
		case "-s":
		case "-i":
			head = true
		case "-X":
			method = value
		case "-H":
			name, text, _ := strings.Cut(value, ":")
			header.Set(name, strings.TrimSpace(text))
		case "--data-binary":
			text, err := os.ReadFile(strings.TrimPrefix(value, "@"))
			if err != nil {
				return err
			}
			body += string(text)
		case "-d", "--json":
			body += value
			if flag == "--json" {
				set("Content-Type", "application/json")
			}
		default:
			if strings.HasPrefix(flag, "-") || address != "" {
				return fmt.Errorf("%q is nothing that this curl knows", flag)
			}
			address = flag
		}
	}
	if body != "" {
		set("Content-Type", "application/x-www-form-urlencoded")
	}
	if method == "" && body != "" {
		method = http.MethodPost
	}
	req, err := http.NewRequest(method, address, strings.NewReader(body))
	if err != nil {
		return err
	}
	req.Header = header
	return printResponse(req, head, out)
}

func printResponse(req *http.Request, head bool, out io.Writer) error {
	res, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	if head {
		fmt.Fprintf(out, "%s %s\n", res.Proto, res.Status)
		if err := res.Header.Write(out); err != nil {
			return err
		}
		fmt.Fprintln(out)
	}
	_, err = io.Copy(out, res.Body)
	return err
}
