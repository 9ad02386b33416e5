// Command systems reads all packages of the module, with their tests, as the compiler would for other systems, and says
// what it would refuse there. Only the types are looked at, and of what others wrote only the declarations, so that it
// takes seconds where a build takes a minute.
//
//	go run ./.ci/systems windows/amd64 darwin/arm64
package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

func main() {
	bad := false
	for _, system := range os.Args[1:] {
		if err := check(system); err != nil {
			fmt.Fprintf(os.Stderr, "%s: %v\n", system, err)
			bad = true
		}
	}
	if bad {
		os.Exit(1)
	}
}

// listed is a package as go list tells of it.
type listed struct {
	ImportPath, Dir string
	GoFiles         []string
	ImportMap       map[string]string
	Module          *struct{ Main bool }
	Error           *struct{ Err string }
}

// check reads all packages as they are on a system. The error holds all that was found.
func check(system string) error {
	goos, goarch, found := strings.Cut(system, "/")
	if !found {
		return errors.New("it is named as in windows/amd64")
	}
	list := exec.Command("go", "list", "-deps", "-test", "-json=ImportPath,Dir,GoFiles,ImportMap,Module,Error", "./...")
	list.Env = append(os.Environ(), "CGO_ENABLED=0", "GOOS="+goos, "GOARCH="+goarch)
	list.Stderr = os.Stderr
	out, err := list.StdoutPipe()
	if err == nil {
		err = list.Start()
	}
	if err != nil {
		return err
	}
	r := reader{files: token.NewFileSet(), sizes: types.SizesFor("gc", goarch), known: map[string]*types.Package{"unsafe": types.Unsafe}}
	// What a package imports is listed before it.
	for in := json.NewDecoder(out); ; {
		var p listed
		if err := in.Decode(&p); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			return errors.Join(err, list.Wait())
		}
		r.read(&p)
	}
	return errors.Join(append(r.found, list.Wait())...)
}

// reader reads packages one after the other.
type reader struct {
	files *token.FileSet
	sizes types.Sizes
	known map[string]*types.Package
	found []error
}

// read checks a package, and keeps it for those that import it.
func (r *reader) read(p *listed) {
	if p.Error != nil {
		r.complain(errors.New(p.Error.Err))
	}
	if p.ImportPath == "unsafe" || strings.HasSuffix(p.ImportPath, ".test") {
		return // the latter is the program that go test makes of a package
	}
	ours := p.Module != nil && p.Module.Main
	var files []*ast.File
	for _, name := range p.GoFiles {
		f, err := parser.ParseFile(r.files, filepath.Join(p.Dir, name), nil, parser.SkipObjectResolution)
		if err != nil {
			r.complain(err)
			continue
		}
		files = append(files, f)
	}
	config := types.Config{Importer: imports{r, p.ImportMap}, Sizes: r.sizes, IgnoreFuncBodies: !ours, Error: r.complain}
	r.known[p.ImportPath], _ = config.Check(p.ImportPath, r.files, files, nil)
}

// complain notes what was found: once, though a package is read by itself and with its tests.
func (r *reader) complain(err error) {
	if !slices.ContainsFunc(r.found, func(e error) bool { return e.Error() == err.Error() }) {
		r.found = append(r.found, err)
	}
}

// imports are what a package means by the paths that it imports.
type imports struct {
	*reader
	mapped map[string]string
}

// Import implements [types.Importer].
func (i imports) Import(path string) (*types.Package, error) {
	if other, ok := i.mapped[path]; ok {
		path = other
	}
	if p := i.known[path]; p != nil {
		return p, nil
	}
	return nil, fmt.Errorf("%q was not read", path)
}
