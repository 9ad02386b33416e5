package merge

import "dovetail/fixtures/planted"

// bugs are mistakes that a merge engine is known to make, or that this one made once.
var bugs = []planted.Bug{
	// What is equal, and what is let in.
	{"null counts as absent", "scan.go", "if len(a) == 0 || len(b) == 0 {\n\t\treturn false", "if len(a) == 0 || len(b) == 0 {\n\t\treturn string(a)+string(b) == \"null\"", "TestFieldTable"},
	{"numbers are compared as floats", "decimal.go", "{ return compareNumbers(a, b) == 0 }", "{\n\tx, _ := strconv.ParseFloat(string(a), 64)\n\ty, _ := strconv.ParseFloat(string(b), 64)\n\treturn x == y\n}", "TestEqual"},
	{"numbers are compared as texts", "scan.go", "return equalNumber(a, b)", "return false", "TestEqual"},
	{"half a surrogate pair is let in", "canonical.go", "if !ok || pair == utf8.RuneError {", "if !ok && pair != utf8.RuneError {", "TestCanonicalRefuses"},
	{"of a key that is there twice one wins", "canonical.go", "if bytes.Equal(members[i-1].key, members[i].key) {", "if i > 1<<20 && bytes.Equal(members[i-1].key, members[i].key) {", "TestCanonicalRefuses"},
	{"text after the end is cut off", "canonical.go", "if p.at < len(p.src) {\n\t\treturn nil, p.fail(\"more", "if p.at < 0 {\n\t\treturn nil, p.fail(\"more", "TestCanonicalRefuses"},
	{"one level more than allowed", "canonical.go", "if p.depth > MaxDepth {", "if p.depth > MaxDepth+1 {", "TestEdgeValuesAreRefusedWithTheirPath"},
	{"exponents have no lower limit", "canonical.go", "case d.exp > MaxExponent || d.exp < -MaxExponent:", "case d.exp > MaxExponent:", "TestEdgeValuesAreRefusedWithTheirPath"},
	{"names are printed with what a terminal obeys", "key.go", "if !unicode.IsPrint(r) {", "if !unicode.IsPrint(r) && r < ' ' {", "TestKeys"},
	{"a slash in a key splits it", "pointer.go", "case '/':\n\t\t\tpath = append(path, '~', '1')", "case 0xff:\n\t\t\tpath = append(path, '~', '1')", "TestEdgeKeys"},
	{"paths are compared by their beginning", "pointer.go", "strings.HasPrefix(path, above) && path[len(above)] == '/'", "strings.HasPrefix(path, above)", "TestJoins"},

	// The table of fields.
	{"what local left alone is put back", "fields.go", "return verdict{outcome: Server, result: server}", "return verdict{outcome: Server, result: local}", "TestThreeWayPatchesDoNotReassert"},
	{"local's spelling is kept where both agree", "fields.go", "return verdict{outcome: Agreed, result: server}\n\t}\n\tj :=", "return verdict{outcome: Agreed, result: local}\n\t}\n\tj :=", "TestFieldTable"},
	{"one decision is put over another", "fields.go", "case w.apart():", "case w.apart() && w.same:", "TestWhatTwoPeopleDecidedIsAskedAgain"},
	{"one decision on a delete is put over another", "record.go", "case s.apartAbove(\"\"):", "case s.apartAbove(\"\") && s.BaseLost:", "TestWhatTwoPeopleDecidedIsAskedAgain"},
	{"a decision is replayed like a step", "queue.go", " && len(c.Sides.Apart) == 0 {", " {", "TestADecisionIsNoStepToReplay"},
	{"immutable only where both changed", "fields.go", "case policy == Immutable && w.sides.Base != nil:", "case policy == Immutable && !localSame && !serverSame:", "TestFieldTable"},
	{"without a base a policy joins", "fields.go", "if w.sides.BaseLost {\n\t\treturn w.twoWay", "if w.sides.BaseLost && policy == Ask {\n\t\treturn w.twoWay", "TestNoBaseJoinsNothingByMachine"},
	{"a value the server's policy drops is not told", "fields.go", "case PreferServer, Latest, Max, Min:", "case Latest, Max, Min:", "TestLawsExhaustively"},
	{"a value that is ignored is not told", "fields.go", "if !equal(local, base) && !equal(local, server) {\n\t\tw.dropped = true", "if !equal(local, base) && !equal(local, server) {\n\t\tw.dropped = w.same", "TestIgnoredFields"},
	{"groups are not one unit", "fields.go", "below != nil && below.Policy != Ignore && disputed[below.Group]", "below != nil && below.Group == \"\\x00\" && disputed[below.Group]", "TestGroups"},
	{"a group that one side left alone is in dispute", "group.go", "if g.byLocal && g.byServer && g.differ {", "if g.differ {", "TestLawsOfGroupsExhaustively"},
	{"policies of an object do not reach below", "policy.go", "case PreferLocal, PreferServer, Latest, Ignore, Immutable:\n\t\treturn above", "case PreferLocal:\n\t\treturn above", "TestPoliciesReachBelow"},

	// Policies that join.
	{"two equal increments are one", "fields.go", "case !(policy == Counter && isNumber(local)) && equal(local, server):", "case equal(local, server):", "TestJoins"},
	{"a counter begins at any default", "join.go", "rule != nil && Equal(rule.Default, \"0\") {", "rule != nil && rule.Default != Absent {", "TestJoins"},
	{"sums of tenths are floats", "decimal.go", "text := plain(cx.Add(cx, cy), exp)", "f, _ := new(big.Float).SetString(plain(cx.Add(cx, cy), exp))\n\tx64, _ := f.Float64()\n\ttext := strconv.FormatFloat(x64, 'f', -1, 64)", "TestEdgeSums"},
	{"elements of sets multiply", "join.go", "if !done[m] {", "if m != \"\" || !done[m] {", "TestJoins"},
	{"a set keeps what local removed", "join.go", "!inBase[m] || inLocal[m] {", "!inBase[m] || inLocal[m] || m != \"\" {", "TestJoins"},
	{"edits of a list may touch", "diff.go", "for ns < len(right) && right[ns].from <= region.to {", "for ns < len(right) && (right[ns].from == region.from || right[ns].from < region.to) {", "TestJoins"},
	{"an element moved twice is there twice", "join.go", "clean := !moved(chunks, numbers)", "clean := len(chunks) >= 0", "TestJoins"},
	{"where words clash the server's stand", "text.go", "words, j.dispute)", "words, func(_, _, s string) { j.joined.WriteString(s) })", "TestJoins"},
	{"the larger number by its text", "join.go", "return compareNumbers(a, b), true", "return bytes.Compare(a, b), true", "TestJoins"},
	{"the later instant by its text", "join.go", "return x.Compare(y), okX && okY", "return bytes.Compare(a, b) + 0*x.Compare(y), okX && okY", "TestJoins"},
	{"of two edits at one time local's is the later", "join.go", "if l.After(s) {", "if !l.Before(s) {", "TestJoins"},
	{"a key may be there twice", "keyed.go", "ok = isObject(e) && named && !found.has(it.id)", "ok = isObject(e) && named", "TestKeyedLists"},
	{"the order of a keyed list is no change", "keyed.go", "if moved != Unchanged {", "if moved == Combined {", "TestTheOrderOfAKeyedListIsAChange"},
	{"one key has two names", "keyed.go", "return plainNumber(key), true", "return string(key), true", "TestKeyedLists"},

	// Records.
	{"a delete wins", "record.go", "return r.wholly(DeleteEdit, rules)", "r.Outcome = KeepLocal", "TestRecordOutcomes"},
	{"an edit wins over a delete", "record.go", "return r.wholly(EditDelete, rules)", "r.Outcome, r.Document = KeepLocal, s.Local", "TestRecordOutcomes"},
	{"a tombstone between is not seen", "record.go", "case s.Local != nil && s.Server != nil && !s.Recreated:", "case s.Local != nil && s.Server != nil:", "TestRecordOutcomes"},
	{"two records created apart are joined", "record.go", "case s.Base == nil && rules.root().policyUnder(Ask) != FieldsOf:", "case s.Base == nil && s.Local == nil:", "TestRecordOutcomes"},
	{"without a base a policy settles the delete", "record.go", "if kind == NoBase || policy != PreferLocal && policy != PreferServer {", "if policy != PreferLocal && policy != PreferServer {", "TestRecordOutcomes"},
	{"of two writes at one time local's is the last", "record.go", "if localAt.After(serverAt) {", "if !localAt.Before(serverAt) {", "TestLastWrite"},
	{"the last write loses the other without a word", "record.go", "r.Dropped = winner == Server", "r.Dropped = false", "TestLastWrite"},
	{"the rules are not checked on a join", "record.go", "case KeepLocal, Merged:\n\t\tr.keepRules()", "case KeepLocal:\n\t\tr.keepRules()", "TestRules"},
	{"the rules are not checked where a delete loses", "record.go", "if r.keepRules(); r.Outcome == RecordConflict {", "if r.Outcome == RecordConflict {", "TestRules"},
	{"what was broken before is a conflict", "rules.go", "return slices.ContainsFunc(before, v.equal)", "return len(before) < 0", "TestRules"},
	{"a machine forgets what it dropped", "merger.go", "Dropped: m.w.dropped}", "Dropped: false}", "TestLawsExhaustively"},

	// Operations.
	{"a log that comes again counts again", "replay.go", "again := done[op.ID] || seen(op.ID)", "again := seen(op.ID)", "TestReplayIsBlindToDuplicatesAndCuts"},
	{"what the hub has seen counts again", "replay.go", "again := done[op.ID] || seen(op.ID)", "again := done[op.ID]", "TestReplayIsBlindToDuplicatesAndCuts"},
	{"a set does not look at what it saw", "replay.go", "case Equal(now, op.Was):", "case len(now) >= 0:", "TestReplay"},
	{"what is already as local left it is done again", "replay.go", "if path == op.Path || below(op.Path, path) {", "if below(op.Path, path) {", "TestReplay"},
	{"an element that is not there is added", "perform.go", "if op.Value == Absent {", "if op.Value == Null {", "TestReplayOfHostileOperations"},
	{"an element is added twice", "perform.go", "if present && !found {\n\t\tput", "if present {\n\t\tput", "TestPerform"},

	// People.
	{"what is undecided is written", "decision.go", "if open := r.Undecided(d); len(open) > 0 {", "if open := r.Undecided(d); len(open) > len(r.Fields) {", "TestNothingIsWrittenWhileAFieldIsUndecided"},
	{"a decision stands under another policy", "decision.go", "return s.Rule == other.Rule && Equal", "return Equal", "TestDecisionsStandOnANewMerge"},
	{"a decision stands on another value", "decision.go", "Equal(s.Local, other.Local) && Equal(s.Server, other.Server)", "Equal(s.Local, other.Local)", "TestDecisionsStandOnANewMerge"},
	{"a decision on the record never stands", "decision.go", "if f, listed := r.Field(path); listed {", "if f, listed := r.Field(path); listed && path != \"\" {", "TestADecisionOnTheRecordStandsBesideItsFields"},
	{"the side that lost is not listed", "decision.go", "{{\"local\", f.Local}, {\"server\", f.Server}}", "{{\"local\", f.Local}}", "TestNotKept"},
	{"a person may break a rule", "decision.go", "if broken := r.newlyBroken(doc); len(broken) > 0 {", "if broken := r.newlyBroken(nil); len(broken) > 0 {", "TestAPersonCannotBreakARule"},
	{"undo brings back what no longer stands", "draft.go", "if r.mayRestore(c.Path, c.Before) && r.mayRestore(c.Path, c.After) {", "if c.Path != \"\" {", "TestNoStepBringsBackWhatNoLongerStands"},
	{"a file loses its layout", "layout.go", "if err == nil && !disputed && Equal(old, v) {", "if err == nil && !disputed && string(raw) == string(v) {", "TestLayout"},
	{"a conflict leaves no markers", "layout.go", "if f, ok := l.conflicts[c.path]; ok {", "if f, ok := l.conflicts[c.path]; ok && f.Path == \"\" {", "TestLayoutMarksConflicts"},

	// Schemas.
	{"an unknown policy does nothing", "schema/policies.go", "err != nil || v == \"\" || v == \"keyed\" {", "err == nil && v == \"keyed\" {", "TestParseRefuses"},
	{"a policy on the wrong type does nothing", "schema/policies.go", "if len(fits) > 0 && rule.Type", "if len(fits) > 9 && rule.Type", "TestParseRefuses"},
	{"policies behind a reference are not found", "schema/schema.go", "\tr.follow()\n", "", "TestEveryPolicyIsInForce"},
	{"formats are not checked", "schema/schema.go", "\tc.AssertFormat()\n", "", "TestRules"},
	{"a rule inside an array can't be decided", "rules.go", "paths[j] = r.field(d, path, true)", "paths[j] = path", "schema/TestARuleInsideAnArrayIsAConflictThatCanBeDecided"},
}
