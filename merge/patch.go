package merge

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// The limits of a JSON Patch. What is beyond them is refused, so that a short text cannot keep a machine busy for long.
const (
	MaxSteps    = 10_000  // operations of one patch
	maxWork     = 1 << 30 // bytes that all of them move
	memberBytes = 24      // that a member of a container takes
	copyWork    = 16      // as much of that as a byte counts that is copied or compared
	patchLevels = 2       // that a value in the text of a patch stands below its top
)

// ErrPatch is what every error of [Patch.Apply] unwraps to.
var ErrPatch = errors.New("the patch does not fit the record")

// Patch is a JSON Patch (RFC 6902): steps that are done in their order, all of them or none.
type Patch []patchStep

// patchStep is one operation, in the words of RFC 6902.
type patchStep struct {
	verb  string
	path  string
	from  string // of move and copy
	value Value  // of add, replace and test
}

// PatchError says which operation of a patch cannot be done, and why. It unwraps to [ErrPatch].
type PatchError struct {
	Operation int // from 0
	Path      string
	Reason    string
}

func (e *PatchError) Error() string {
	return fmt.Sprintf("operation %d, %s: %s", e.Operation, PathLabel(e.Path), e.Reason)
}

func (e *PatchError) Unwrap() error { return ErrPatch }

// ParsePatch reads a JSON Patch. What is not valid by section 3 of the contract, and what RFC 6902 does not know, is a
// *[DocumentError]; members that it does not define are passed over, as it asks for.
func ParsePatch(text []byte) (Patch, error) {
	// The values keep the limit of depth that they have in a document.
	p := parser{src: text, depth: -patchLevels}
	p.blanks()
	if p.at < len(text) && text[p.at] != '[' {
		return nil, p.fail("not a JSON Patch: that is an array of operations")
	}
	canonical, err := p.whole(make([]byte, 0, len(text)))
	if err != nil {
		return nil, err
	}
	var patch Patch
	elements(canonical, func(e []byte) bool {
		var step patchStep
		if len(patch) == MaxSteps {
			err = &DocumentError{Reason: fmt.Sprintf("more than %d operations", MaxSteps)}
		} else {
			step, err = parseStep(e, fmt.Sprintf("/%d", len(patch)))
		}
		patch = append(patch, step)
		return err == nil
	})
	if err != nil {
		return nil, err
	}
	return patch, nil
}

// parseStep reads one operation, in canonical text; at is where it stands.
func parseStep(text []byte, at string) (patchStep, error) {
	fail := func(member, reason string) (patchStep, error) {
		return patchStep{}, &DocumentError{Path: at + member, Reason: reason}
	}
	if !isObject(text) {
		return fail("", "not an object with op and path")
	}
	verb, ok := Value(lookupMember(text, "op")).Text()
	if !ok {
		return fail("/op", "no operation, which is a string")
	}
	step := patchStep{verb: verb}
	pointers := map[string]*string{"/path": &step.path}
	switch verb {
	case "move", "copy":
		pointers["/from"] = &step.from
	case "add", "replace", "test":
		if step.value = Value(lookupMember(text, "value")); step.value == Absent {
			return fail("/value", "no value")
		}
	case "remove":
	default:
		return fail("/op", "no operation of RFC 6902: they are add, remove, replace, move, copy, test")
	}
	for _, name := range []string{"/from", "/path"} {
		into, wanted := pointers[name]
		if !wanted {
			continue
		}
		pointer, ok := Value(lookupMember(text, name[1:])).Text()
		if !ok {
			return fail(name, "no JSON Pointer, which is a string")
		}
		if pointer != "" && pointer[0] != '/' {
			return fail(name, "a JSON Pointer is empty or begins with a slash")
		}
		if strings.Count(pointer, "/") > MaxDepth {
			return fail(name, fmt.Sprintf("deeper than %d levels", MaxDepth))
		}
		if _, err := ParsePath(pointer); err != nil {
			return fail(name, "a ~ that is neither ~0 nor ~1")
		}
		*into = pointer
	}
	return step, nil
}

// Apply does all steps on a document, and returns what it is then, canonical; d itself is not changed. An element of an
// array goes by its index, whatever a policy says. The first step that cannot be done ends it: a *[PatchError].
func (p Patch) Apply(d Document) (Document, error) {
	w := patching{root: &node{text: d}}
	for i, step := range p {
		if reason := w.do(step); reason != "" {
			return nil, &PatchError{Operation: i, Path: step.path, Reason: reason}
		}
	}
	out := w.root.append(make([]byte, 0, len(d)))
	if !isObject(out) {
		return nil, &PatchError{Operation: len(p) - 1, Reason: fmt.Sprintf("a record is an object, not %s", Value(out).Type())}
	}
	// Steps can put values deeper than a text may have them.
	return Canonical(out)
}

// patching is a document under way. Each step returns why it cannot be done, "" where it was.
type patching struct {
	root *node
	work int // bytes moved so far
}

func (w *patching) do(s patchStep) string {
	switch s.verb {
	case "add":
		return w.put(s.path, &node{text: []byte(s.value)}, true)
	case "replace":
		return w.put(s.path, &node{text: []byte(s.value)}, false)
	case "remove":
		_, reason := w.take(s.path)
		return reason
	case "move":
		if below(s.path, s.from) {
			return "a value cannot move into itself"
		}
		moved, reason := w.take(s.from)
		if reason != "" {
			return "from: " + reason
		}
		return w.put(s.path, moved, true)
	case "copy":
		text, reason := w.read(s.from)
		if reason != "" {
			return "from: " + reason
		}
		return w.put(s.path, &node{text: text}, true)
	}
	text, reason := w.read(s.path)
	if reason == "" && !equal(text, []byte(s.value)) {
		reason = "it is not what the test says"
	}
	return reason
}

// tooMuch is what a patch ends with that does the same over and over.
const tooMuch = "the patch moves and copies too much"

// moves counts what it costs to make room, or to close up, in a container with so many members behind the place.
func (w *patching) moves(behind int) string {
	if w.work += behind * memberBytes; w.work > maxWork {
		return tooMuch
	}
	return ""
}

// read is the text of the value at a path.
func (w *patching) read(path string) ([]byte, string) {
	n, reason := w.root.at(path)
	if reason != "" {
		return nil, reason
	}
	text := n.append(nil)
	if w.work += copyWork * len(text); w.work > maxWork {
		return nil, tooMuch
	}
	return text, ""
}

// put places a value at a path. Where insert is false there has to be one already.
func (w *patching) put(path string, v *node, insert bool) string {
	if path == "" {
		*w.root = *v
		return ""
	}
	above, token, reason := w.parent(path)
	if reason != "" {
		return reason
	}
	if above.array {
		i, reason := above.index(token, insert)
		switch {
		case reason != "":
			return reason
		case insert:
			above.members = slices.Insert(above.members, i, nodeMember{node: v})
			return w.moves(len(above.members) - i)
		}
		above.members[i].node = v
		return ""
	}
	i, found := above.find(token)
	switch {
	case found:
		above.members[i].node = v
	case insert:
		above.members = slices.Insert(above.members, i, nodeMember{token, v})
		return w.moves(len(above.members) - i)
	default:
		return "there is nothing here"
	}
	return ""
}

// take removes the value at a path.
func (w *patching) take(path string) (*node, string) {
	if path == "" {
		return nil, "a patch cannot remove the record as a whole"
	}
	above, token, reason := w.parent(path)
	if reason != "" {
		return nil, reason
	}
	i, found := 0, true
	if above.array {
		i, reason = above.index(token, false)
	} else if i, found = above.find(token); !found {
		reason = "there is nothing here"
	}
	if reason != "" {
		return nil, reason
	}
	taken := above.members[i].node
	above.members = slices.Delete(above.members, i, i+1)
	return taken, w.moves(len(above.members) - i)
}

// parent is the container that a path, which is not empty, leads into, and the last step.
func (w *patching) parent(path string) (*node, string, string) {
	n := w.root
	for {
		token, rest := cutToken(path)
		if !n.open() {
			return nil, "", "it goes through a value that has no members"
		}
		if rest == "" {
			return n, token, ""
		}
		var reason string
		if n, reason = n.child(token); reason != "" {
			return nil, "", reason
		}
		path = rest
	}
}
