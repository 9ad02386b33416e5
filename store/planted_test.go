package store_test

import (
	"flag"
	"testing"

	"dovetail/fixtures/planted"
)

// plant makes TestPlantedBugs do what it is for, which takes a compilation for each bug:
//
//	go test ./store -run TestPlantedBugs -planted
var plant = flag.Bool("planted", false, "plant each known bug and see that its test fails")

// TestPlantedBugs: each bug of the list is noticed by the test it names. Without -planted it checks that the list still
// fits the sources.
func TestPlantedBugs(t *testing.T) { planted.Run(t, bugs, *plant) }

// bugs are ways in which a store loses what it was told, or does it twice.
var bugs = []planted.Bug{
	// What a transaction promises.
	{"a write is not guarded by the version", "version.go", "WHERE id = $5 AND head = $6`,", "WHERE id = $5 AND $6 >= 0`,", "TestAVersionIsAddedToTheHeadAlone"},
	{"a write does not name its version", "write.go", "if h.number != e.Version {", "if h.number < e.Version {", "TestAWriteNamesTheVersionItWasMadeOn"},
	{"synchronous NORMAL", "settings.go", `{"synchronous", "EXTRA", "3"}`, `{"synchronous", "NORMAL", "1"}`, "TestEveryConnectionHasTheSettings"},
	{"it goes on after a statement that failed", "tx.go", "func (t *tx) statement(query string) (*sql.Stmt, error) {\n\tif t.err != nil {", "func (t *tx) statement(query string) (*sql.Stmt, error) {\n\tif t.err != nil && t.store == nil {", "TestNothingIsSentAfterAStatementFailed"},
	{"an error commits", "tx.go", "if err == nil {\n\t\terr = t.finish()\n\t}", "if err == nil {\n\t\terr = t.finish()\n\t} else {\n\t\ts.conn.ExecContext(t.ctx, `COMMIT`)\n\t}", "TestATransactionThatReturnsAnErrorWritesNothing"},
	{"a commit that failed was not done", "tx.go", "if err := s.committed(t, err); err != nil {", "if err := classify(err); err != nil {", "TestAFailedCommitIsLookedUp"},
	{"a damaged document is believed", "document.go", "if sum := sha256.Sum256(b.text); !bytes.Equal(sum[:], hash) {", "if sum := sha256.Sum256(b.text); len(sum) != len(hash) {", "TestADocumentThatWasDamagedIsNoticed"},

	// Receipts.
	{"a key is no reason to give the same answer", "push.go", "if found {\n\t\treturn t.again(before, c)\n\t}", "if found && before.id < 0 {\n\t\treturn t.again(before, c)\n\t}", "TestTheSameChangeAgainGetsItsAnswerAgainAndHasNoEffect"},
	{"a key may be used for another change", "push.go", "if !bytes.Equal(before.identity, c.identity) {", "if len(before.identity) != len(c.identity) {", "TestAKeyUsedForAnotherChangeIsRefused"},
	{"copies of a device go by one id", "push.go", "used, err := t.sequenceUsed(c.device, c.sequence)\n\tif err != nil || !used {", "used, err := t.sequenceUsed(c.device, -c.sequence)\n\tif err != nil || !used {", "TestACopiedReplicaIsGivenAnotherDevice"},
	{"operations are done each time they come", "case.go", "out.Applied, err = appliedElsewhere(from, c)", "out.Applied, err = appliedElsewhere(from, claim{})", "TestAnOperationHasItsEffectOnceWhateverItComesWith"},
	{"an answer is given twice the count", "outbox.go", "all, err := ownChanges(t, `WHERE key = $1 AND outbox = $2`, a.Key, outboxSent)", "all, err := ownChanges(t, `WHERE key = $1 AND $2 > 0`, a.Key, outboxSent)", "replicate/TestAnAnswerThatComesAgainIsTakenOnce"},

	// Bases.
	{"a lost base is no base", "join.go", "return base{lost: h.number > 0 || c.baseHash != \"\"}, nil", "return base{}, nil", "TestTheBaseOfAChange"},
	{"the hash of a base is not looked at", "join.go", "|| c.baseHash != \"\" && !v.matches(b.fields, c.baseHash)", "", "TestTheBaseOfAChange"},
	{"a record made anew is the old one", "join.go", "if b.lost || b.version == 0 || h.number <= b.version+1 {", "if h.number > 0 {", "TestTheBaseOfAChange"},
	{"the base moves before the answer", "journal.go", "c.buildsOn, c.base = last.id, base{version: last.version, fields: was}", "c.base = base{version: h.number, fields: was}", "replicate/TestHistories"},
	{"what a change builds on is not looked up", "decided.go", "if d.state != merge.Resolved {\n\t\t\treturn d.base, nil\n\t\t}", "return d.base, nil", "replicate/TestHistories"},

	// Conflicts.
	{"the side that was replaced is not kept", "stale.go", "if err := t.aside(aside{head: j.head, side: \"local\", document: d.local, reason: reasonReplaced, conflict: d.id,\n\t\tchange: d.change, by: d.localBy, device: d.device, at: d.localAt}); err != nil {", "if err := error(nil); err != nil {", "TestOneConflictPerReplicaAndRecord"},
	{"what loses to a later write is not kept", "join.go", "return a, t.asideLocal(j, reason, j.head.number, lost)", "_ = reason\n\treturn a, nil", "TestLastWriteWins"},
	{"a clock that is ahead wins", "join.go", "return t.settle(j, m.strategy, m.decide(c, earlier(j.change.localAt, t.now), earlier(j.head.at, j.head.taken)))", "return t.settle(j, m.strategy, m.decide(c, j.change.localAt, j.head.at))", "TestAnEditWasNotMadeAfterItArrived"},
	{"what waits is not merged again", "stale.go", "if h.waiting == 0 {\n\t\treturn nil\n\t}", "if h.waiting >= 0 {\n\t\treturn nil\n\t}", "TestSeveralDevicesHaveAConflictEach"},
	{"a decision is written on what moved", "resolve.go", "if w.Revision != d.revision || w.ServerVersion", "if w.ServerVersion", "TestAResolutionOfWhatMovedWritesNothing"},
	{"the losing side of a decision is not kept", "decided.go", "if err := t.keepLosers(d, h, before, lost); err != nil {", "if err := error(nil); err != nil {", "TestAResolutionIsWrittenWholeAndReadBack"},
	{"an undo is done on what has moved on", "undo.go", "case h.number != m.Version:", "case h.number < m.Version:", "TestUndoIsRefusedWithTheReason"},
	{"one decision is put over another", "apart.go", "theirs, err := decidedSince(from, h.id, on.version)", "theirs, err := decidedSince(from, h.id, h.number)", "replicate/TestOppositeDecisionsOnBothSidesAreAskedAgain"},
	{"a decision is lost to one that a replica heard of", "rebase.go", "err != nil || len(apart) > 0 {", "err != nil || apart == nil && h == nil {", "replicate/TestOppositeDecisionsOnBothSidesAreAskedAgain"},
	{"a conflict that was decided offline is joined by machine", "join.go", "|| j.change.decided && r.Outcome != merge.Converged {", "{", "replicate/TestWhatWasDecidedBeforeItWasSentIsNotJoinedByMachine"},

	// Replicas.
	{"an edit goes into what is under way", "journal.go", "case last.outbox == outboxWaiting && last.resolves == 0:", "case last.outbox <= outboxSent && last.resolves == 0:", "replicate/TestHistories"},
	{"versions are pulled before there are answers", "replicate/sync.go", "if err := s.push(ctx, origin.Unanswered); err != nil {\n\t\treturn fmt.Errorf(\"push: %w\", err)\n\t}", "s.push(ctx, origin.Unanswered)", "TestHistories"},
	{"a copy sends a decided change by the old key", "resolve_replica.go", "SET decided = 1, key = $1 WHERE id = $2`, t.store.newID(), waits.id)", "SET decided = 1 WHERE id = $2 AND $1 <> ''`, t.store.newID(), waits.id)", "replicate/TestOneOfTwoCopiesDecides"},
	{"a closed conflict takes newer edits with it", "receive.go", "if err := t.detach(d, h, c, v.Version); err != nil {", "if false {", "replicate/TestHistories"},
	{"the feed says nothing of what was closed", "feed_closed.go", "of.Closes = append(of.Closes, key)", "_ = of", "replicate/TestAConflictResolvedAgainstTheReplicaClosesThere"},
	{"a replica takes any version", "version.go", "if e.hash != nil && !bytes.Equal(sum, e.hash) {", "if e.hash != nil && bytes.Equal(sum, nil) {", "replicate/TestAHubThatIsNotTheSameIsNoticed"},
	{"a hub that went back is not noticed", "feed.go", "case p.Hash != \"\" && hex.EncodeToString(hash) != p.Hash:", "case len(hash) == 0:", "replicate/TestAHubThatIsNotTheSameIsNoticed"},
	{"a lost answer keeps a change back", "outbox.go", "WHERE outbox > 0 AND outbox < 3 AND id > $1", "WHERE outbox = 1 AND id > $1", "replicate/TestALostAnswerIsNoConflict"},
	{"a copy keeps its name", "outbox.go", "if a.Device != \"\" {", "if a.Device == \"-\" {", "replicate/TestACopiedReplicaIsGivenAnotherDevice"},
	{"the steps of a held change stay behind", "held.go", "WHERE change = $2`, with, held.id)", "WHERE change = -$2`, with, held.id)", "replicate/TestAHeldChangeGoesAlongWithTheNextEdit"},
	{"what was built on a held change names it", "outbox.go", "return t.hold(c)", "return nil", "replicate/TestAHeldChangeGoesAlongWithWhatWasBuiltOnItMeanwhile"},
	{"a decision leaves a held change waiting", "resolve_replica.go", "if waits.outbox == outboxHeld {", "if waits.outbox < 0 {", "replicate/TestAHeldChangeThatWaitsForAPersonIsSettledByTheDecision"},
	{"a change that no line can hold ends the exchange", "outbox.go", "if errors.As(err, &unfit) {", "if errors.As(err, &unfit) && c.id < 0 {", "replicate/TestAChangeThatNoLineCanHoldStopsNoOther"},
	{"a line keeps the steps that make it too deep", "outline.go", "func() { l.Operations = nil }, func() { l.Decisions = nil }", "func() { l.Decisions = nil }", "replicate/TestADocumentAsDeepAsOneMayBeIsSent"},
	{"a hub is not asked for what it answered", "feed.go", "err != nil || p.Answered == \"\" {", "err != nil || p.Answered != \"-\" {", "replicate/TestAHubThatForgotWhatItAnsweredHasGoneBack"},
	{"a replica takes in what its hub did not say", "replica.go", "func (s *Store) onHub() error {\n\tif s.info.Replica() {", "func (s *Store) onHub() error {\n\tif s.info.Role == \"\" {", "replicate/TestAReplicaIsNoHub"},
	{"a schema is not pulled", "receive.go", "if err := t.changeManner(c.Name, before, after); err != nil {", "if err := error(nil); err != nil {", "replicate/TestASchemaArrivesByPullAndCountsInTheReplicasOwnMerges"},
	{"a replica drops what only the hub may", "rebase.go", "if m.strategy == merge.LastWriteWins || r.Dropped {", "if m.strategy == merge.LastWriteWins {", "replicate/TestWhatDropsAValueIsLeftToTheHub"},
	{"a decision is taken back with the edits after it", "resolve_replica.go", "case i+1 < len(chain):", "case i+1 < 0:", "replicate/TestADecisionIsNotTakenBackOnceItsRecordWasEdited"},
	{"the clock of a device is believed", "decided.go", "if c.localAt = shifted(c.localAt, offset);", "if c.localAt = shifted(c.localAt, offset-offset);", "replicate/TestTheLastWriteWinsByTheRightTime"},
	{"what waits for a person is not written out", "pending.go", "WHERE o.id = c.conflict AND o.state <> 'resolved'))", "WHERE o.id = -c.conflict AND o.state <> 'resolved'))", "replicate/TestWhatWaitsForAPersonGoesToAnotherHubToo"},
	{"a plain column takes any type", "plain.go", "CHECK (typeof(%s) %s)%s\"", "CHECK (typeof(%s) %s OR 1)%s\"", "TestPlainTablesRefuseWhatStrictOnesDo"},
	{"an application's file is given a log", "open.go", "if own {\n\t\tsettings = append(settings, logged...)\n\t}", "settings = append(settings, logged...)", "TestSettlingLeavesWhatIsTheApplications"},
	{"a database of UTF-16 is settled in", "settle.go", "if encoding != \"UTF-8\" {", "if encoding == \"\" {", "TestSettlingRefusesWhatCannotHoldIt"},
	{"a trigger on our tables in capitals is not seen", "check_pages.go", "WHERE lower(substr(tbl_name, 1, 9)) = 'dovetail_'", "WHERE substr(tbl_name, 1, 9) = 'dovetail_'", "TestDoctorLooksAtWhatIsDovetails"},
	{"the queue is read before clients are heard", "glance.go", "if err := s.takeInFirst(ctx); err != nil {", "if err := ctx.Err(); err != nil {", "TestTheQueueIsReadAfterWhatClientsWrote"},
	{"records are read before clients are heard", "view.go", "if err := s.takeInFirst(ctx); err != nil {", "if err := ctx.Err(); err != nil {", "TestWhatClientsWroteAreVersions"},
	{"a write comes before what clients wrote", "tx.go", "err := t.gather()\n\tif err == nil {", "var err error\n\tif err == nil {", "TestWhatIsWrittenIsPutIntoTheTable"},
	{"a version is not put into its row", "version.go", "t.touch(h)", "_ = h", "TestWhatIsWrittenIsPutIntoTheTable"},
	{"a change here is not put into its row", "journal.go", "t.touch(h)\n", "", "TestWhatClientsWroteOnAReplicaIsAChange"},
	{"a row is not looked at after it was written", "gather.go", "holdsAll(got, want, own); !same {", "holdsAll(got, want, own); !same && h == nil {", "TestARowThatIsNotAsItWasWrittenWritesNothing"},
	{"a row that is refused takes the others along", "refused.go", "err != nil && these(err) && t.err == nil {", "err != nil && these(err) && t.err != nil {", "adopt/TestWhatTheTableRefusesWaitsForAPerson"},
	{"an edit of a row that is owed takes back what it did not show", "owed.go", "if err != nil || owed == nil {", "if err != nil || owed != nil {", "adopt/TestAnEditOfARowThatIsOwedTakesNothingBack"},
	{"an edit of a row that is owed writes over what it did not show", "owed.go", "on := base{version: owed.madeOn}", "on := base{version: h.number}", "adopt/TestAnEditOfARowThatIsOwedTakesNothingBack"},
	{"what a person asks for is owed", "owed.go", "&& !t.asked[h.key]", "&& (true || !t.asked[h.key])", "adopt/TestWhatSomebodyAsksForIsNotOwed"},
	{"a row that takes the transaction back stops the exchange", "owed.go", "if !errors.As(err, &back) || untried", "if err != nil || untried", "adopt/TestARowThatTakesTheTransactionBackIsOwed"},
	{"a foreign key on a laptop deletes what somebody wrote there", "gather.go", "case t.follows && t.store.info.Replica():", "case t.follows && h == nil:", "adopt/TestADeletionThatComesInTakesNoEditAlong"},
	{"a deletion takes along what its author did not see", "gather.go", "case t.sparing && r.Fields == nil:", "case t.sparing && h == nil:", "adopt/TestADeletionThatIsSentTakesNothingUnseenAlong"},
	{"what is owed is not tried again", "owed.go", "WHERE o.record > $1", "WHERE o.record > $1 AND $1 < 0", "adopt/TestARowThatTheLaptopRefusesIsOwed"},
	{"a change that comes too early is a conflict", "deliver.go", "if last || ", "if true || last || ", "adopt/TestWhatBelongsTogetherGoesInWhateverTheOrder"},
	{"rows that name one another are refused", "gather.go", "if len(left) == len(due) {", "if len(left) > -1 {", "adopt/TestRowsThatNameOneAnotherGoInTogether"},
	{"an edit that takes another one back is none", "owed.go", "t.holdsNow(h, r.Fields); err != nil", "error(nil); err != nil", "adopt/TestWhatIsTakenBackInARowThatIsOwed"},
	{"a row that takes all back is tried by who reads", "owed.go", "if t.follows || !t.mayOwe(h) {", "if t.store != nil || t.follows || !t.mayOwe(h) {", "adopt/TestAnEditOfARowThatTakesTheTransactionBack"},
	{"a row comes to name another one of the same number", "refers.go", "if err == nil && j.change.resolves == \"\" && (a.Outcome", "if err == nil && j.change.resolves == \"-\" && (a.Outcome", "adopt/TestARowThatNamesOneThatBothSidesNumberedAlikeWaits"},
	{"what is still to come is not in dispute", "refers.go", "parent != nil && parent.device == c.device", "parent != nil && parent.device != c.device", "adopt/TestARowThatComesBeforeTheOneThatItNamesWaits"},
	{"whoever had not heard of a decision knew of it", "refers.go", "known = who.seen >= int64(place) && place > 0 ||", "known = place > 0 ||", "adopt/TestARowThatNamesOneThatGotAnotherKeyIsShownIt"},
	{"whoever decided had not heard of it", "refers.go", "decided && string(device) == who.device && int64(sequence) < who.sequence", "decided && string(device) == who.device && int64(sequence) < 0", "adopt/TestWhoDecidedThatBothAreKeptKnowsIt"},
	{"rows are sent before those that they refer to", "order.go", "for _, parent := range before {", "for _, parent := range before[:0] {", "adopt/TestWhatARowRefersToIsSentBeforeIt"},
	{"a laptop does not hear that a table refused a change", "landing.go", "last.answer == Conflicted && last.said != \"\" {", "last.answer == Conflicted && last.said == \"-\" {", "adopt/TestARowThatNamesOneThatBothSidesNumberedAlikeWaits"},
	{"a foreign key empties what its author did not see", "gather.go", "if want == nil && t.spares(h) {", "if want == nil && t.spares(h) && h == nil {", "adopt/TestNothingGoesWithADeletionThatItsAuthorDidNotSee"},
	{"a row that is not as its record passes", "check_rows.go", "if sameBut(stands, holds, c.own) {", "if sameBut(stands, holds, c.own) || stands != nil {", "adopt/TestDoctorComparesRowsWithTheirRecords"},
	{"a row that is gone passes", "check_rows.go", "if records == c.stand {", "if records >= c.stand {", "adopt/TestDoctorComparesRowsWithTheirRecords"},
	{"a trigger that was changed with what is noted of it passes", "adopt/drift.go", "case !changed && text != wanted[made.name]:", "case !changed && text == \"\":", "TestATriggerThatIsNotAsAdoptMakesItIsFound"},
	{"what is the application's in a row that is owed is an edit", "owed.go", "touched := sameBut(owed.holds.text, r.Fields, own)", "touched := sameBut(owed.holds.text, r.Fields, nil)", "adopt/TestAnEditOfWhatIsTheApplicationsInARowThatIsOwedIsNoChange"},
	{"rows go in once", "gather.go", "due = again", "return t.refusedRows(again, why)", "adopt/TestWhatBelongsTogetherGoesInWhateverTheOrder"},
	{"a deferred foreign key fails the delivery", "adopt/foreign.go", "l.deferred = deferrable.MatchString(text)", "l.deferred = deferrable.MatchString(text) && false", "TestAParentThatWasDeletedElsewhereIsAConflict"},
	{"what a refused change left in memory stays", "refused.go", "delete(t.holds, w.key)", "_ = w", "adopt/TestRandomSQLOnBothSides"},
	{"it goes on after the transaction is gone", "adoption.go", "gone != nil {", "gone == nil || gone != nil {", "TestAConstraintIsAnAnswerUnlessTheTransactionWentWithIt"},
	{"triggers write to our tables", "seal.go", "if s.guarded && ", "if s.guarded && d.Count() < 0 && ", "TestATriggerThatWritesToOurTablesIsRefused"},
	{"what triggers wrote waits in the log", "gather.go", "err = t.gather()\n\t\tif t.puts = false; err != nil {", "if t.puts = false; err != nil {", "TestWhatTriggersMakeOfAPutIsTakenIn"},
	{"a file in the middle of a checkpoint is called damaged", "probe.go", "err == nil && info.Size() > 0 {", "err == nil && info.Size() < 0 {", "TestAFileThatWasLeftInTheMiddleOfACheckpointOpens"},

	// The queue.
	{"a field keeps the device that its conflict had", "push.go", "SET device = (SELECT device FROM dovetail_conflict WHERE id = $1)", "SET device = device", "TestAConflictIsListedByItsFieldsAsItIs"},
	{"a conflict that moved is listed as it was", "conflict.go", "if err := t.listFieldsAnew(d.id, d.fields); err != nil {", "if err := error(nil); err != nil {", "TestAConflictIsListedByItsFieldsAsItIs"},
	{"what the list of fields says is not looked at", "check_queue.go", "c.changesOfConflicts, c.conflictFields, c.fieldRows}", "c.changesOfConflicts, c.conflictFields}", "TestEveryCheckFindsItsDamage"},
	{"a field is found in the name of another", "walk.go", "q.arg(\"*[[,]\"+globLiteral", "q.arg(\"*\"+globLiteral", "TestPagesAreWhatALookAtEveryRowChooses"},
	{"a name of a field is a pattern", "walk.go", "globLiteral.Replace(begin)", "begin", "TestPagesAreWhatALookAtEveryRowChooses"},
	{"a word is a pattern", "filter.go", "likeLiteral.Replace(word)", "word", "TestPagesAreWhatALookAtEveryRowChooses"},
	{"a long list of fields is not found", "walk.go", "WHERE o.state = c.state AND o.path", "WHERE o.state <> c.state AND o.path", "TestPagesAreWhatALookAtEveryRowChooses"},
	{"a long list of fields is not shown", "walk.go", "WHERE k.id = `", "WHERE k.id = -`", "TestPagesAreWhatALookAtEveryRowChooses"},
	{"a search leaves out where its filters meet", "search.go", "s.from = at.before()", "s.from = at", "TestPagesAreWhatALookAtEveryRowChooses"},
	{"a search that goes on has nothing behind it", "queue.go", "page.Before || !backward, page.After || backward", "page.Before || backward, page.After || !backward", "TestPagesAreWhatALookAtEveryRowChooses"},
}
