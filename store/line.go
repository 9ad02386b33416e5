package store

import (
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"dovetail/merge"
)

// MaxLine bounds a line in bytes. One that is longer is refused.
const MaxLine = 16 << 20

// maxWord bounds a name or a key in a line, and maxNote what a person wrote with a decision.
const (
	maxLine = MaxLine
	maxWord = 512
	maxNote = 64 << 10
)

// change is a change line that was read.
type change struct {
	key    string
	record merge.Key

	hasVersion  bool // base_version is there; 0 says that the record did not exist
	baseVersion int64
	baseHash    string
	hasBase     bool // base is there; nil says that the record did not exist
	base        merge.Document

	local      merge.Document
	operations merge.Value // canonical
	steps      []merge.Operation
	localBy    string
	localAt    time.Time
	localRef   merge.Value
	device     string
	sequence   int64
	sentAt     time.Time // by the device's clock: what it differs from ours is taken off localAt

	buildsOn  string          // the key of the change to the same record that it was made on
	resolves  string          // the key of the change whose conflict it settles
	decisions merge.Decisions // by which it does
	note      string
	decided   bool  // it waits, whatever the merge says, for a change that settles it
	seen      int64 // the place in our feed that the sender had come to when it was begun; 0: nobody knows

	outside       bool // server is there: the change is brought from another system
	server        merge.Document
	serverVersion int64
	serverBy      string
	serverAt      time.Time
	serverRef     merge.Value

	// unusable says why the line is to be parked: it is sound, but this version has no use for it.
	unusable string
	barred   string // why its sender may not have it done, unless it was done before
	payload  []byte // the line as it came
	identity []byte // a hash of what may not differ where the same key comes again
}

// record is a record line that was read.
type recordLine struct {
	record  merge.Key
	version int64
	fields  merge.Document
	by      string
	at      time.Time
}

// line is one line that was read: one of the two.
type line struct {
	change *change
	record *recordLine
}

// parseLine reads a line. Its errors are *[LineError].
func parseLine(text []byte) (line, error) { return parseLineOf(text, "") }

// parseLineOf reads a line of a person who is known otherwise than by what it says; "": it says who it is of.
func parseLineOf(text []byte, person string) (line, error) {
	f, err := readMembers(text)
	if err != nil {
		return line{}, err
	}
	kind := "change"
	if f.has("type") {
		kind = f.word("type", true)
	}
	if kind != "record" && person != "" {
		f.put("local_by", person)
	}
	var l line
	switch {
	case f.err != nil:
	case kind == "change":
		if !f.has("type") && !f.there("key") {
			f.fail("", `no key, and no type: it is "record" or "change"`)
		}
		l.change = f.change()
	case kind == "record":
		l.record = f.record()
	default:
		l.change, err = parkable(f.line, f, fmt.Sprintf("unknown type %q", kind))
		f.known = ^uint64(0) // nobody here can tell which names it may have
	}
	if err == nil {
		err = f.done()
	}
	if err != nil {
		return line{}, err
	}
	return l, nil
}

// parkable reads what every line has, of one that this version does not know.
func parkable(text []byte, f *members, reason string) (*change, error) {
	if _, err := merge.Canonical(text); err != nil {
		return nil, lineError("", err)
	}
	if !f.there("key") {
		f.fail("", "no key, and "+reason)
	}
	c := &change{key: f.word("key", true), record: f.key(), unusable: reason, payload: text}
	c.identity = c.identify()
	return c, f.err
}

func (f *members) change() *change {
	c := &change{
		payload:   f.line,
		key:       f.word("key", true),
		record:    f.key(),
		baseHash:  f.word("base_hash", false),
		localBy:   f.word("local_by", false),
		localAt:   f.time("local_at"),
		localRef:  f.value("local_ref"),
		device:    f.word("device", false),
		sequence:  f.whole("sequence"),
		serverBy:  f.word("server_by", false),
		serverAt:  f.time("server_at"),
		serverRef: f.value("server_ref"),
	}
	c.hasVersion = f.there("base_version")
	c.baseVersion = f.whole("base_version")
	c.hasBase = f.has("base")
	c.base = f.document("base")
	if !f.has("local") {
		f.fail("", "no local: null stands for a deletion")
	}
	c.local = f.document("local")
	c.outside = f.has("server")
	c.server = f.document("server")
	c.serverVersion = f.whole("server_version")
	if !c.outside && f.there("server_version") {
		f.fail("", "server_version without server")
	}
	c.baseHash = strings.ToLower(c.baseHash)
	c.operations = f.value("operations")
	c.steps, c.unusable = f.steps(c.operations)
	f.decision(c)
	c.identity = c.identify()
	return c
}

// decision reads what a replica says of a conflict that was decided there.
func (f *members) decision(c *change) {
	c.sentAt = f.time("sent_at")
	c.buildsOn, c.resolves, c.note = f.word("builds_on", false), f.word("resolves", false), f.text("note", maxNote)
	c.decided, c.seen = f.flag("decided"), f.whole("seen")
	if list := f.value("decisions"); list != merge.Absent {
		if err := json.Unmarshal([]byte(list), &c.decisions); err != nil {
			f.fail("/decisions", "not decisions by their fields")
		}
	}
	if c.resolves == "" && (len(c.decisions) > 0 || c.note != "") {
		f.fail("", "decisions or a note without resolves")
	}
}

func (f *members) record() *recordLine {
	r := &recordLine{
		record:  f.key(),
		version: f.whole("version"),
		by:      f.word("by", false),
		at:      f.time("at"),
	}
	if f.there("version") && r.version == 0 {
		f.fail("/version", "0: the first version of a record is 1")
	}
	if !f.has("fields") {
		f.fail("", "no fields: null stands for a deletion")
	}
	r.fields = f.document("fields")
	return r
}

// steps reads the operations of a change. unusable says that one of them is of a kind that this version does not know.
func (f *members) steps(list merge.Value) (steps []merge.Operation, unusable string) {
	if list == merge.Absent || f.err != nil {
		return nil, ""
	}
	var raw []struct {
		ID    string      `json:"id"`
		Verb  string      `json:"op"`
		Path  string      `json:"path"`
		Value merge.Value `json:"value"`
		Was   merge.Value `json:"was"`
		At    time.Time   `json:"at"`
	}
	if err := json.Unmarshal([]byte(list), &raw); err != nil {
		f.fail("/operations", "not a list of operations")
		return nil, ""
	}
	for i, one := range raw {
		op := merge.Operation{ID: one.ID, Path: one.Path, Value: one.Value, Was: one.Was, At: one.At.UTC()}
		if err := op.Verb.UnmarshalText([]byte(one.Verb)); err != nil {
			return nil, fmt.Sprintf("unknown operation %q", one.Verb)
		}
		f.step("/operations/"+strconv.Itoa(i), op)
		steps = append(steps, op)
	}
	return steps, ""
}

// step refuses an operation that no record could take.
func (f *members) step(at string, op merge.Operation) {
	if len(op.ID) > maxWord {
		f.fail(at+"/id", fmt.Sprintf("longer than %d bytes", maxWord))
	}
	if !writable(op.At) {
		f.fail(at+"/at", "not a time as in 2026-11-22T09:14:00Z")
	}
	if path, err := merge.ParsePath(op.Path); err != nil || path != op.Path {
		f.fail(at+"/path", "not a JSON Pointer")
	}
	switch op.Verb {
	case merge.SetField, merge.AddElement, merge.RemoveElement:
		if op.Value == merge.Absent {
			f.fail(at, "no value")
		}
	case merge.IncrementField:
		if op.Value.Type() != merge.NumberType {
			f.fail(at+"/value", "not a number")
		}
	}
}

// identify makes the identity. What a sender may learn in between is left out: its device's new id, when it sends the
// line, and what the server holds.
func (c *change) identify() []byte {
	if c.unusable != "" {
		return c.whole()
	}
	sum := sha256.New()
	flags := []byte{flag(c.hasVersion), flag(c.hasBase), flag(c.base == nil), flag(c.local == nil), flag(c.outside),
		flag(c.decided)}
	parts(sum, []byte(c.record.String()), flags, []byte(c.baseHash), c.base, c.local, []byte(c.operations),
		[]byte(c.localBy), []byte(c.localRef), []byte(c.buildsOn), []byte(c.resolves))
	integer(sum, c.baseVersion)
	integer(sum, unixMicro(c.localAt))
	return sum.Sum(nil)
}

// whole is the identity of a change that is parked: nothing is known of it but the line itself.
func (c *change) whole() []byte {
	sum := sha256.New()
	parts(sum, []byte(c.record.String()), c.payload)
	return sum.Sum(nil)
}

func flag(b bool) byte {
	if b {
		return 1
	}
	return 0
}

// members are the top-level members of a line, as they came. Its methods read them; the first error sticks, and what
// was asked for is marked as known.
type members struct {
	line  []byte
	names []string
	raw   [][]byte
	known uint64
	err   error
}

// maxMembers is one for each bit of known.
const maxMembers = 64

func (f *members) fail(path, reason string) {
	if f.err == nil {
		f.err = &LineError{Path: path, Reason: reason}
	}
}

// done returns what was wrong, a member that nobody asked for included.
func (f *members) done() error {
	for i, name := range f.names {
		if f.err == nil && f.known&(1<<i) == 0 && name != "type" {
			f.fail("/"+escapePointer(name), "unknown name")
		}
	}
	return f.err
}

// find returns a member's text; nil where it is not there.
func (f *members) find(name string) []byte {
	for i := range f.names {
		if f.names[i] == name {
			f.known |= 1 << i
			return f.raw[i]
		}
	}
	return nil
}

func (f *members) has(name string) bool { return f.find(name) != nil }

// there is like has, but null counts as absent: programs that print lines from a query write it for what they lack.
func (f *members) there(name string) bool {
	raw := f.find(name)
	return raw != nil && string(raw) != "null"
}

func (f *members) document(name string) merge.Document {
	raw := f.find(name)
	if f.err != nil || raw == nil || string(raw) == "null" {
		return nil
	}
	d, err := merge.Canonical(raw)
	if err != nil {
		f.err = lineError("/"+name, err)
	}
	return d
}

// value reads any JSON value; null is absent.
func (f *members) value(name string) merge.Value {
	if f.err != nil || !f.there(name) {
		return merge.Absent
	}
	v, err := merge.ParseValue(f.find(name))
	if err != nil {
		f.err = lineError("/"+name, err)
	}
	return v
}

// word reads a string that is a name or a key.
func (f *members) word(name string, needed bool) string {
	s := f.text(name, maxWord)
	switch {
	case f.err != nil || s != "" || !needed:
	case f.there(name):
		f.fail("/"+name, "empty")
	default:
		f.fail("", "no "+name)
	}
	return s
}

// text reads a string of at most so many bytes; empty where it is not there.
func (f *members) text(name string, longest int) string {
	if f.err != nil || !f.there(name) {
		return ""
	}
	s, err := unquote(f.find(name))
	if err != nil {
		f.err = lineError("/"+name, err)
	}
	if len(s) > longest {
		f.fail("/"+name, fmt.Sprintf("longer than %d bytes", longest))
	}
	return s
}

func (f *members) flag(name string) bool {
	if f.err != nil || !f.there(name) {
		return false
	}
	switch string(f.find(name)) {
	case "true":
		return true
	case "false":
	default:
		f.fail("/"+name, "neither true nor false")
	}
	return false
}

func (f *members) key() merge.Key {
	name := f.word("record", true)
	if f.err != nil {
		return merge.Key{}
	}
	k, err := merge.ParseKey(name)
	if err != nil {
		f.fail("/record", err.Error())
	}
	return k
}

// whole reads a number without a fraction that is not below 0.
func (f *members) whole(name string) int64 {
	if f.err != nil || !f.there(name) {
		return 0
	}
	n, err := strconv.ParseInt(string(f.find(name)), 10, 64)
	if err != nil || n < 0 || n > 1<<53 || strconv.FormatInt(n, 10) != string(f.find(name)) {
		f.fail("/"+name, "not a whole number from 0 to 2^53")
	}
	return n
}

func (f *members) time(name string) time.Time {
	word := f.word(name, false)
	if f.err != nil || word == "" {
		return time.Time{}
	}
	at, err := time.Parse(time.RFC3339Nano, word)
	at = at.UTC().Truncate(time.Microsecond)
	if err != nil || at.IsZero() || !writable(at) {
		f.fail("/"+name, "not a time as in 2026-11-22T09:14:00Z")
	}
	return at
}

// writable reports whether a time can be written as it is read: its zone may take it out of the years that can.
func writable(at time.Time) bool { return at.Year() >= 1 && at.Year() <= 9999 }

// unquote reads a JSON string.
func unquote(raw []byte) (string, error) {
	if n := len(raw); n >= 2 && raw[0] == '"' && plain(raw[1:n-1]) {
		return string(raw[1 : n-1]), nil
	}
	v, err := merge.ParseValue(raw)
	if err != nil {
		return "", err
	}
	s, ok := v.Text()
	if !ok {
		return "", errors.New("not a string")
	}
	return s, nil
}

// plain reports whether a string's inside is what it stands for: no escapes, no control characters, valid.
func plain(inside []byte) bool {
	for _, c := range inside {
		if c < 0x20 || c == '\\' || c == '"' {
			return false
		}
	}
	return utf8.Valid(inside)
}

// lineError puts the path within the line before what is wrong there.
func lineError(path string, err error) error {
	var d *merge.DocumentError
	if errors.As(err, &d) {
		return &LineError{Path: path + d.Path, Reason: d.Reason}
	}
	return &LineError{Path: path, Reason: err.Error()}
}

func escapePointer(name string) string {
	return strings.NewReplacer("~", "~0", "/", "~1").Replace(name)
}
