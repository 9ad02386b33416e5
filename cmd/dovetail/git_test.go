//go:build unix

package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/creack/pty"
	"github.com/hinshun/vt10x"
)

// repository is a git repository that merges JSON by dovetail, as the README sets it up.
type repository struct {
	t   *testing.T
	dir string
	env []string
}

const (
	gitBase = "{\n    \"zeta\": [1,  2],\n    \"status\": \"negotiating\",\n    \"amount\": 40000,\n    \"owner\": \"ana\"\n}\n"
	gitFile = "deals/deal 1.json"
)

// newRepository makes two branches that each changed the file, and stands on main.
func newRepository(t *testing.T, main, other func(string) string) *repository {
	t.Helper()
	home := t.TempDir()
	r := &repository{t: t, dir: filepath.Join(home, "work")}
	r.env = append(os.Environ(), "PATH="+filepath.Dir(builtProgram(t))+string(os.PathListSeparator)+os.Getenv("PATH"),
		"HOME="+home, "XDG_CONFIG_HOME="+home, "GIT_CONFIG_NOSYSTEM=1", "GIT_AUTHOR_NAME=vera", "GIT_AUTHOR_EMAIL=vera@example.org",
		"GIT_COMMITTER_NAME=vera", "GIT_COMMITTER_EMAIL=vera@example.org", "DOVETAIL_USER=vera", "TERM=xterm-256color", "LC_ALL=C.UTF-8")
	if err := os.MkdirAll(filepath.Join(r.dir, filepath.Dir(gitFile)), 0o700); err != nil {
		t.Fatal(err)
	}
	r.git(0, "init", "--quiet", "--initial-branch=main")
	r.setup()
	r.commit("base", gitBase)
	r.git(0, "checkout", "--quiet", "-b", "other")
	r.commit("other", other(gitBase))
	r.git(0, "checkout", "--quiet", "main")
	r.commit("main", main(gitBase))
	return r
}

// setup runs the lines that the README gives, as a shell does.
func (r *repository) setup() {
	r.t.Helper()
	for _, line := range readmeGitLines(r.t) {
		cmd := exec.Command("sh", "-c", line)
		cmd.Dir, cmd.Env = r.dir, r.env
		if out, err := cmd.CombinedOutput(); err != nil {
			r.t.Fatalf("%s: %v\n%s", line, err, out)
		}
	}
}

// readmeGitLines are the lines of the README that tell git of dovetail.
func readmeGitLines(t *testing.T) []string {
	t.Helper()
	page, err := os.ReadFile(readme)
	if err != nil {
		t.Fatal(err)
	}
	var lines []string
	for line := range strings.Lines(string(page)) {
		line = strings.TrimSpace(line)
		if strings.HasPrefix(line, "git config ") || strings.HasSuffix(line, ".gitattributes") {
			lines = append(lines, line)
		}
	}
	if len(lines) != 5 {
		t.Fatalf("the README sets git up by %q", lines)
	}
	return lines
}

func (r *repository) commit(message, text string) {
	r.t.Helper()
	if err := os.WriteFile(filepath.Join(r.dir, gitFile), []byte(text), 0o600); err != nil {
		r.t.Fatal(err)
	}
	r.git(0, "add", ".")
	r.git(0, "commit", "--quiet", "-m", message)
}

// git runs git and checks its exit code.
func (r *repository) git(code int, args ...string) string {
	r.t.Helper()
	cmd := exec.Command("git", args...)
	cmd.Dir, cmd.Env = r.dir, r.env
	out, err := cmd.CombinedOutput()
	if cmd.ProcessState == nil {
		r.t.Fatal(err)
	}
	if got := cmd.ProcessState.ExitCode(); got != code {
		r.t.Fatalf("git %s exits %d, want %d:\n%s", strings.Join(args, " "), got, code, out)
	}
	return string(out)
}

// file is the text in the work tree.
func (r *repository) file() string {
	r.t.Helper()
	text, err := os.ReadFile(filepath.Join(r.dir, gitFile))
	if err != nil {
		r.t.Fatal(err)
	}
	return string(text)
}

// mergetool starts git mergetool on a screen.
func (r *repository) mergetool() *terminal {
	r.t.Helper()
	cmd := exec.Command("git", "mergetool")
	cmd.Dir, cmd.Env = r.dir, r.env
	return openCommand(r.t, 100, 30, cmd)
}

// openCommand starts any command on a screen of that size.
func openCommand(t *testing.T, columns, rows int, cmd *exec.Cmd) *terminal {
	t.Helper()
	x := &terminal{t: t, cmd: cmd, done: make(chan struct{}), screen: vt10x.New(vt10x.WithSize(columns, rows)), changed: make(chan struct{})}
	var err error
	x.pty, err = pty.StartWithSize(cmd, &pty.Winsize{Cols: uint16(columns), Rows: uint16(rows)})
	if err != nil {
		t.Fatal(err)
	}
	go x.read()
	t.Cleanup(func() {
		cmd.Process.Kill()
		<-x.done
		cmd.Wait()
		x.pty.Close()
	})
	return x
}

func replace(old, new string) func(string) string {
	return func(text string) string { return strings.Replace(text, old, new, 1) }
}

func both(a, b func(string) string) func(string) string {
	return func(text string) string { return b(a(text)) }
}

var (
	closes = both(replace(`"negotiating"`, `"closed"`), replace("40000", "50000"))
	holds  = both(replace(`"negotiating"`, `"on-hold"`), replace(`"owner": "ana"`, `"owner": "diaz"`))
)

// Lines that touch are a conflict to git, and are none by fields.
func TestGitMergesDifferentFields(t *testing.T) {
	r := newRepository(t, replace(`"negotiating"`, `"closed"`), both(replace("40000", "50000"), replace(`"ana"`, `"diaz"`)))
	r.git(0, "merge", "--quiet", "--no-edit", "other")
	want := both(both(replace(`"negotiating"`, `"closed"`), replace("40000", "50000")), replace(`"ana"`, `"diaz"`))(gitBase)
	if got := r.file(); got != want {
		t.Errorf("merged to\n%s\nwant\n%s", got, want)
	}
	if left := r.git(0, "status", "--porcelain"); left != "" {
		t.Errorf("git is left with %s", left)
	}
}

func TestGitMarksTheSameField(t *testing.T) {
	r := newRepository(t, closes, holds)
	r.git(1, "merge", "--quiet", "--no-edit", "other")
	want := "{\n    \"zeta\": [1,  2],\n<<<<<<< local\n    \"status\": \"closed\",\n=======\n    \"status\": \"on-hold\",\n>>>>>>> server\n" +
		"    \"amount\": 50000,\n    \"owner\": \"diaz\"\n}\n"
	if got := r.file(); got != want {
		t.Errorf("merged to\n%s\nwant\n%s", got, want)
	}
	if left := r.git(0, "status", "--porcelain"); !strings.HasPrefix(left, "UU ") {
		t.Errorf("git does not know of the conflict: %s", left)
	}
}

// A file that is no JSON object is left with markers too: without them it would look finished.
func TestGitMarksWhatIsNoRecord(t *testing.T) {
	r := newRepository(t, replace("{", "[{"), replace("{", "[[{"))
	r.git(1, "merge", "--quiet", "--no-edit", "other")
	if got := r.file(); !strings.HasPrefix(got, "<<<<<<< local\n[{") || !strings.HasSuffix(got, ">>>>>>> server\n") {
		t.Errorf("merged to\n%s", got)
	}
}

func TestTerminalGitMergetool(t *testing.T) {
	r := newRepository(t, closes, holds)
	r.git(1, "merge", "--quiet", "--no-edit", "other")
	marked := r.file()

	x := r.mergetool()
	x.sees("status", "closed", "on-hold", "1 LEFT", resolveFoot)
	x.press("q", queueFoot)
	x.press("q")
	if code := x.ends(); code == 0 {
		t.Errorf("git takes it for resolved:\n%s", x.text())
	}
	if got := r.file(); got != marked {
		t.Fatalf("leaving wrote\n%s", got)
	}

	x = r.mergetool()
	x.sees("1 LEFT", resolveFoot)
	x.press("2", "Last step: server for status")
	if got := r.file(); got != marked {
		t.Fatalf("deciding wrote\n%s", got)
	}
	x.press("w", "REVIEW", "1 of 1 decided", reviewFoot)
	if got := r.file(); got != marked {
		t.Fatalf("reviewing wrote\n%s", got)
	}
	x.press("y", "WRITTEN")
	x.press("q", "Nothing is in conflict", queueFoot)
	x.press("q")
	if code := x.ends(); code != 0 {
		t.Fatalf("exit code %d:\n%s", code, x.text())
	}
	want := both(replace("40000", "50000"), holds)(gitBase)
	if got := r.file(); got != want {
		t.Errorf("written is\n%s\nwant\n%s", got, want)
	}
	r.git(0, "commit", "--quiet", "--no-edit")
}

// What is written can be taken back while the screen is open, and then the file is not resolved.
func TestTerminalGitMergetoolUndo(t *testing.T) {
	r := newRepository(t, closes, holds)
	r.git(1, "merge", "--quiet", "--no-edit", "other")
	marked := r.file()
	x := r.mergetool()
	x.sees("1 LEFT", resolveFoot)
	x.press("1", "Last step: local for status")
	x.press("w", "REVIEW", reviewFoot)
	x.press("s", queueFoot, "U undoes it")
	x.press("U", "Undo file/deals/deal 1.json")
	x.press("y", queueFoot, "its conflict is open")
	if got := r.file(); got != marked {
		t.Errorf("undone is\n%s\nwant\n%s", got, marked)
	}
	x.press("q")
	if code := x.ends(); code == 0 {
		t.Errorf("git takes it for resolved:\n%s", x.text())
	}
}
