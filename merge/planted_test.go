package merge

import (
	"encoding/json"
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// plant makes TestPlantedBugs do what it is for, which takes a compilation for each bug:
//
//	go test ./merge -run TestPlantedBugs -planted
var plant = flag.Bool("planted", false, "plant each known bug and see that its test fails")

// TestPlantedBugs: each bug of the list is noticed by the test it names. Without -planted it checks that the list still
// fits the sources.
func TestPlantedBugs(t *testing.T) {
	for _, b := range bugs {
		t.Run(b.name, func(t *testing.T) {
			t.Parallel()
			source, err := os.ReadFile(b.file)
			if err != nil {
				t.Fatal(err)
			}
			if n := strings.Count(string(source), b.old); n != 1 {
				t.Fatalf("%s holds %d times %q", b.file, n, b.old)
			}
			dir, test := filepath.Dir(b.file), b.test
			if in, name, found := strings.Cut(test, "/"); found {
				dir, test = in, name
			}
			if !declared(t, dir, test) {
				t.Fatalf("no test %s in %s", test, dir)
			}
			if *plant {
				survives(t, b, []byte(strings.Replace(string(source), b.old, b.new, 1)), dir, test)
			}
		})
	}
}

func declared(t *testing.T, dir, test string) bool {
	files, err := filepath.Glob(filepath.Join(dir, "*_test.go"))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(text), "\nfunc "+test+"(t *testing.T) {") {
			return true
		}
	}
	return false
}

// survives fails the test if the named one passes with the bug in place. The sources stay as they are: the compiler is
// shown another file in place of the one with the bug.
func survives(t *testing.T, b bug, source []byte, dir, test string) {
	file, err := filepath.Abs(b.file)
	if err != nil {
		t.Fatal(err)
	}
	bad := filepath.Join(t.TempDir(), "bad.go")
	overlay, err := json.Marshal(map[string]map[string]string{"Replace": {file: bad}})
	if err != nil {
		t.Fatal(err)
	}
	list := filepath.Join(t.TempDir(), "overlay.json")
	for path, text := range map[string][]byte{bad: source, list: overlay} {
		if err := os.WriteFile(path, text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	args := []string{"test", "-count=1", "-overlay=" + list, "-run=^" + test + "$", "./" + dir}
	if dir == "." {
		args = append(args, "-rapid.nofailfile")
	}
	out, err := exec.CommandContext(t.Context(), "go", args...).CombinedOutput()
	switch {
	case err == nil:
		t.Errorf("%s passes", test)
	case !strings.Contains(string(out), "--- FAIL: "+test):
		t.Errorf("%s did not get to fail:\n%s", test, out)
	}
}
