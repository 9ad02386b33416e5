package tui

import (
	"runtime"
	"slices"
)

// undoKey takes the last step back. On Windows so does what does everywhere there; on others ctrl+z is the terminal's.
func undoKey(system string) binding {
	if system == "windows" {
		return must(bind(undoStep, "u", "undo", "undo the last step; also ctrl+z", "u", "ctrl+z"))
	}
	return must(bind(undoStep, "u", "undo", "undo the last step", "u"))
}

// rowKeys move a row up and down; foot is what the footer calls it.
func rowKeys(foot, row string) keymap {
	return keymap{
		step(goUp, "↑ k", "", "the "+row+" above", "up", "k"),
		pair("↑↓", goDown, "↓ j", foot, "the "+row+" below", "down", "j"),
	}
}

// scrollKeys are rowKeys where there is no row to be on.
func scrollKeys() keymap {
	return keymap{
		step(goUp, "↑ k", "", "scroll up", "up", "k"),
		pair("↑↓", goDown, "↓ j", "scroll", "scroll down", "down", "j"),
	}
}

// pageKeys go a page up and down.
func pageKeys() keymap {
	return keymap{
		step(goPageUp, "pgup", "", "a page up", "pgup", "ctrl+u"),
		step(goPageDown, "pgdn", "", "a page down", "pgdown", "ctrl+d"),
	}
}

// endKeys go to what is first and last; more are keys for the first, beside home.
func endKeys(label, first, last string, more ...string) keymap {
	return keymap{
		bind(goFirst, label, "", first, append([]string{"home"}, more...)...),
		bind(goLast, "G end", "", last, "end", "G"),
	}
}

// toolKeys are those that every screen has.
func toolKeys() keymap {
	return keymap{
		bind(showPalette, ":", "", "find an action by its name, and do it", ":"),
		bind(switchMouse, "%", "", "the mouse: click a value, turn the wheel; again: off, to select text", "%"),
		bind(showHelp, "?", "help", "all keys of this screen", "?"),
	}
}

func queueKeys() keymap {
	return slices.Concat(rowKeys("move", "row"), keymap{
		bind(openCase, "enter", "resolve", "open the conflict", "enter"),
		bind(showGroups, "g", "groups", "what is alike together, with counts: by collection, fields, kind and author", "g"),
		bind(toggleMark, "space", "mark", "mark the conflict for A, or take its mark away", " "),
		bind(applyToAll, "A", "decide together", "one choice for all that is marked, grouped or filtered; shown first", "A"),
		bind(snoozeIt, "S", "snooze", "put off what is marked, or the conflict at the cursor, or open it again", "S"),
		bind(editFilter, "/", "filter", "filter, as in: collection:deal field:status by:ana age>2d", "/"),
		bind(switchOrder, "s", "sort", "newest first, or oldest first again", "s"),
		must(bind(undoWritten, "U", "undo a written one", "take back the resolution written last, or a resolved one at the cursor, after a question", "U")),
	}, tabKeys(), keymap{
		bind(refresh, "R", "refresh", "read the queue again", "R"),
	}, pageKeys(), endKeys("home", "the first conflict", "the last conflict"), keymap{
		must(bind(goBack, "esc", "", "back to the groups, or clear the marks, or the filter", "esc")),
	}, toolKeys(), keymap{
		must(bind(leave, "q", "quit", "leave; drafts are kept", "q")),
	})
}

// listKeys lead to the lists whose names stand above each of them, but to the one that is shown.
func listKeys(shown intent) keymap {
	return slices.DeleteFunc(keymap{
		bind(tabOpen, "1", "", "the open conflicts", "1"),
		bind(tabDrafts, "2", "", "the conflicts that you have begun to decide", "2"),
		bind(tabSnoozed, "3", "", "the snoozed conflicts", "3"),
		bind(tabResolved, "4", "", "the resolved conflicts", "4"),
		bind(tabParked, "5", "", "the changes that could not be used, each whole, with the reason", "5"),
		bind(tabRecords, "6", "", "the records: find one, see its history, edit it", "6"),
	}, func(b binding) bool { return b.intent == shown })
}

// tabKeys lead from the queue and its groups to all of them.
func tabKeys() keymap {
	return append(listKeys(noIntent),
		bind(tabNext, "tab", "", "the next list", "tab"),
		bind(tabPrevious, "shift+tab", "", "the list before", "shift+tab"))
}

func resolveKeys() keymap {
	return slices.Concat(rowKeys("field", "field"), keymap{
		step(goLeft, "← h", "", "move the choice [ ] to the side before; decides nothing", "left", "h"),
		pair("←→", goRight, "→ l", "choice", "move the choice [ ] to the next side; decides nothing", "right", "l"),
		bind(take, "space", "take", "decide for the choice in [ ]", " "),
		bind(takeAndNext, "enter", "take+next", "decide for the choice in [ ] and go to the next undecided field", "enter"),
		bind(pickLocal, "1", "local", "decide for the local side", "1"),
		bind(pickServer, "2", "server", "decide for the server's side", "2"),
		bind(pickBase, "3", "base", "decide for what both sides started from", "3"),
		bind(pickCombined, "c", "combined", "show what joins both, where there is something; c again, space or enter takes it", "c"),
		bind(swapOrder, "x", "other order", "what both sides put in at one place, in the other order, before combined is taken", "x"),
		bind(editValue, "e", "edit", "type a value", "e"),
		bind(editOutside, "E", "", "edit in the editor that EDITOR names", "E"),
		bind(pickRemoved, "0", "remove", "decide that the field goes", "0"),
		bind(keepBoth, "b", "keep both", "where both sides created the record: keep the server's, and local's under an id of its own", "b"),
		bind(takeBack, "r", "un-decide", "take the decision back; a field that merged by itself is again as it merged", "r"),
		must(step(goNextOpen, "n", "next left", "the next undecided field; also tab", "n", "tab")),
		step(goPrevOpen, "N", "", "the undecided field before; also shift+tab", "N", "shift+tab"),
		must(bind(openReview, "w", "review & write", "review what will be written; also ctrl+s. Nothing is written yet", "w", "ctrl+s")),
		undoKey(runtime.GOOS),
		bind(redoStep, "ctrl+r", "", "redo", "ctrl+r"),
		bind(applyToAll, "A", "all left…", "one choice for all fields that are left", "A"),
		bind(showFull, "v", "full values", "the values in full", "v"),
		bind(findField, "/", "find", "list the fields alone that a part of a name is in; esc lists all again", "/"),
		bind(switchDiff, "d", "compare", "compare with base, or local with server", "d"),
		bind(showHistory, "i", "history", "the record's versions, and who changed the field", "i"),
		bind(makeRule, "m", "rule", "make the choice for this field a rule, after it was tried on what was decided and what waits", "m"),
		bind(showSame, "a", "same fields", "show or fold the fields that nobody changed", "a"),
		bind(snoozeIt, "S", "snooze", "put the conflict off, and go on with the next one; the draft is kept", "S"),
		bind(copyValue, "Y", "", "copy the value: of the choice in [ ], else of what is decided, by an OSC 52 sequence", "Y"),
		bind(discardDraft, ":", "", "throw the draft away; u brings it back"),
		step(goPrevRecord, "[", "", "the conflict before; the draft is kept", "["),
		step(goNextRecord, "]", "", "the next conflict; the draft is kept", "]"),
	}, pageKeys(), endKeys("g home", "the first field", "the last field", "g"), toolKeys(), keymap{
		must(bind(goBack, "q", "queue", "back to the queue, the draft is kept; also esc", "q", "esc")),
	})
}

// cardKeys are those of the resolve screen where it shows one field at a time: the sides stand one above the other, so
// that up and down go over them, and left and right over the fields.
func cardKeys(k keymap) keymap {
	first := keymap{
		step(goLeft, "↑ k", "", "move the choice up; decides nothing", "up", "k"),
		pair("↑↓", goRight, "↓ j", "choice", "move the choice down; decides nothing", "down", "j"),
		bind(takeAndNext, "enter", "take+next", "decide for the choice and go to the next undecided field", "enter"),
		must(step(goNextOpen, "n", "next left", "the next undecided field; also tab", "n", "tab")),
		step(goUp, "← h", "", "the field before", "left", "h"),
		pair("←→", goDown, "→ l", "field", "the next field", "right", "l"),
		must(bind(openReview, "w", "review", "review what will be written; also ctrl+s. Nothing is written yet", "w", "ctrl+s")),
		undoKey(runtime.GOOS),
		must(bind(goBack, "q", "queue", "back to the queue, the draft is kept; also esc", "q", "esc")),
	}
	for _, b := range k {
		taken := false
		for i := range first {
			taken = taken || first[i].intent == b.intent
		}
		if !taken {
			first = append(first, b)
		}
	}
	return first
}

func reviewKeys() keymap {
	return slices.Concat(keymap{
		must(bind(writeAndNext, "y", "write & next", "write, then open the next conflict", "y")),
		must(bind(writeAndBack, "s", "write & back", "write, then go back to the queue", "s")),
		bind(editNote, "e", "note", "write a note that is kept with the resolution", "e"),
		bind(showDry, "p", "dry run", "the command line that would do the same, and what it would write as JSON; p again goes back", "p"),
		must(bind(goBack, "esc", "change", "back to the fields; also q", "esc", "q")),
	}, scrollKeys(), pageKeys(), endKeys("g home", "the first line", "the last line", "g"), toolKeys())
}

func writtenKeys() keymap {
	return slices.Concat(keymap{
		must(bind(undoWritten, "U", "undo", "take this resolution back, after a question", "U")),
	}, scrollKeys(), pageKeys(), toolKeys(), keymap{
		must(bind(goBack, "enter", "queue", "back to the queue; also q and esc", "enter", "q", "esc")),
	})
}

func fullKeys() keymap {
	return slices.Concat(scrollKeys(), keymap{
		step(goPageUp, "pgup", "", "a page up", "pgup", "ctrl+u"),
		step(goPageDown, "pgdn", "page", "a page down", "pgdown", "ctrl+d", " "),
	}, endKeys("g home", "the first line", "the last line", "g"), keymap{
		bind(showHelp, "?", "help", "all keys of this screen", "?"),
		must(bind(goBack, "esc", "back", "back to the fields; also v and q", "esc", "v", "q")),
	})
}

func menuKeys() keymap {
	return keymap{
		bind(pickLocal, "1", "local", "the local side", "1"),
		bind(pickServer, "2", "server", "the server's side", "2"),
		bind(pickBase, "3", "base", "what both sides started from", "3"),
		bind(pickNewest, "n", "newest", "the later edit of each field, by its time; where a time is not known, none", "n"),
		bind(pickCombined, "c", "combined", "the suggestion, where there is one", "c"),
		must(bind(goBack, "esc", "none", "close the menu; also q", "esc", "q")),
	}
}

// boxKeys are those of the edit box; every other key is typed.
func boxKeys() keymap {
	return keymap{
		must(bind(acceptLine, "enter", "accept", "decide for the typed text, where it is one line", "enter")),
		must(bind(acceptText, "ctrl+s", "accept", "decide for the typed text", "ctrl+s")),
		must(bind(closeBox, "esc", "keep & close", "close the box; e shows the text again", "esc")),
		bind(nextValue, "tab", "next value", "the next of the values that the schema lists", "tab"),
		bind(newLine, "ctrl+j", "new line", "begin a new line", "ctrl+j"),
		bind(editOutside, "ctrl+o", "", "go on with the text in the editor that EDITOR names", "ctrl+o"),
	}
}

// lineKeys are those of a line that is typed: the filter, the note.
func lineKeys() keymap {
	return keymap{
		must(bind(acceptLine, "enter", "apply", "take the line as it is", "enter")),
		must(bind(closeBox, "esc", "leave it", "leave everything as it was", "esc")),
	}
}

func questionKeys() keymap {
	return keymap{
		must(bind(sayYes, "y", "yes", "do it", "y")),
		must(bind(sayNo, "n", "no", "leave it; also esc and q", "n", "esc", "q")),
	}
}

func helpKeys() keymap {
	return slices.Concat(scrollKeys(), keymap{
		step(goPageUp, "pgup", "", "a page up", "pgup", "ctrl+u"),
		step(goPageDown, "pgdn", "", "a page down", "pgdown", "ctrl+d", " "),
	}, endKeys("g home", "the first line", "the last line", "g"), keymap{
		bind(findField, "/", "find", "list the keys alone that a word is said of; esc lists all again", "/"),
		must(bind(goBack, "esc", "back", "close the help; also ? and q", "esc", "?", "q")),
	})
}

// playKeys are those of the playground.
func playKeys() keymap {
	return slices.Concat(keymap{
		must(step(stepOn, "n", "next", "the next step of the history happens; also space", "n", " ")),
		step(stepBack, "b", "back", "one step back: all is played again from the start", "b"),
		bind(runOn, "G end", "", "go on to the end, or to the next question", "G", "end"),
		bind(goFirst, "g home", "", "back to the start", "g", "home"),
		must(bind(nextStrategy, "tab", "strategy", "the same history under the next strategy", "tab")),
		bind(prevStrategy, "shift+tab", "", "under the strategy before", "shift+tab"),
	}, rowKeys("row", "row"), keymap{
		step(goLeft, "← h", "", "the side before", "left", "h"),
		pair("←→", goRight, "→ l", "side", "the next side: a device, or the server", "right", "l"),
		must(bind(openCase, "enter", "resolve", "open the record's conflict and decide it", "enter")),
		bind(editValue, "e", "edit", "change the field on the side chosen; on a record's own row FIELD=VALUE", "e"),
		bind(switchLine, "c", "cut line", "cut the line of the side chosen, or restore it", "c"),
		bind(syncNow, "s", "sync", "the side chosen sends and fetches", "s"),
		bind(removeRecord, "d", "delete", "delete the record on the side chosen", "d"),
		bind(createRecord, "+", "new record", "make a record on the side chosen: its name, then FIELD=VALUE", "+"),
		bind(takeOut, "x", "take out", "take out your own step, if it is the last one that happened", "x"),
		must(bind(turnPage, "v", "more", "what each strategy makes of it, on a page of its own; on a small screen the history too", "v")),
		bind(showSame, "a", "all fields", "show or fold the fields that are alike everywhere", "a"),
		bind(openQueue, "o", "queue", "the queue of what waits for a person", "o"),
		bind(switchQuestions, "Q", "questions", "ask which value survives before a sync, or not", "Q"),
		step(goPageUp, "pgup", "", "scroll what each strategy makes of it up", "pgup", "ctrl+u"),
		step(goPageDown, "pgdn", "", "scroll it down", "pgdown", "ctrl+d"),
	}, toolKeys(), keymap{
		bind(leave, "q", "quit", "leave; the playground is removed", "q"),
	})
}

// quizKeys answer the question which value survives.
func quizKeys() keymap {
	return keymap{
		must(bind(pickLocal, "1", "first", "the first value survives", "1")),
		must(bind(pickServer, "2", "second", "the second value survives", "2")),
		must(bind(pickBase, "3", "neither", "neither by itself: both are joined, or a person is asked", "3")),
		bind(stepOn, "n", "just show it", "go on without an answer; also space", "n", " "),
		bind(switchQuestions, "Q", "ask no more", "no more questions", "Q"),
		must(bind(goBack, "esc", "back", "leave it before the sync", "esc", "q")),
	}
}

// groupKeys are those of the queue seen as groups.
func groupKeys() keymap {
	return slices.Concat(rowKeys("move", "group"), keymap{
		must(bind(openCase, "enter", "step through", "the conflicts of the group, one after the other", "enter")),
		must(bind(applyToAll, "A", "decide together", "one choice for all of the group; shown before it is written", "A")),
		bind(editFilter, "/", "filter", "group what a filter chooses, as in: collection:deal by:ana age>2d", "/"),
		must(bind(undoWritten, "U", "undo a written one", "take back what was written last, after a question", "U")),
	}, tabKeys(), pageKeys(), endKeys("home", "the largest group", "the smallest group"), keymap{
		bind(refresh, "R", "", "count again", "R"),
		bind(showHelp, "?", "help", "all keys of this screen", "?"),
		must(bind(goBack, "esc", "one by one", "back to the list of all; also g", "esc", "g")),
		bind(leave, "q", "quit", "leave; drafts are kept", "q"),
	})
}

// snoozeKeys choose until when a conflict is put off.
func snoozeKeys() keymap {
	return keymap{
		must(bind(snoozeHour, "1", "an hour", "for an hour", "1")),
		must(bind(snoozeTomorrow, "2", "tomorrow", "until tomorrow at nine", "2")),
		bind(snoozeMonday, "3", "Monday", "until Monday at nine", "3"),
		bind(snoozeWeek, "4", "a week", "for a week", "4"),
		bind(wakeUp, "0", "open now", "open it again now", "0"),
		must(bind(goBack, "esc", "leave it", "leave everything as it was; also q", "esc", "q")),
	}
}

// bulkMenuKeys choose what many conflicts get.
func bulkMenuKeys() keymap {
	return keymap{
		must(bind(pickLocal, "1", "local", "the local side for all that is undecided; shown before it is written", "1")),
		must(bind(pickServer, "2", "server", "the server's side for all that is undecided", "2")),
		bind(pickBase, "3", "base", "what both sides started from", "3"),
		bind(pickCombined, "c", "combined", "the suggestion that joins both, where every field has one", "c"),
		bind(showHelp, "?", "help", "all keys of this screen", "?"),
		must(bind(goBack, "esc", "back", "back to the queue; also q", "esc", "q")),
	}
}

// bulkKeys are those of the preview of many.
func bulkKeys() keymap {
	return slices.Concat(keymap{
		must(bind(writeMany, "y", "write them", "write all that has a cross; from 50 on, their number is asked for", "y")),
		bind(toggleMark, "space", "out or in", "take the record out of it, or back in", " "),
		step(goNextOpen, "n", "next left alone", "the next record that is left alone", "n"),
	}, rowKeys("move", "record"), pageKeys(), endKeys("home", "the first record", "the last record", "g"), keymap{
		bind(showHelp, "?", "help", "all keys of this screen", "?"),
		must(bind(goBack, "esc", "choose anew", "another choice; nothing is written; also q", "esc", "q")),
	})
}

// bulkWritingKeys are those while many are written. What stops that is no key that a slow line makes up, and none that was
// pressed once too often.
func bulkWritingKeys() keymap {
	return slices.Concat(keymap{
		must(bind(goBack, "q", "stop", "stop after those that are under way; what is written stays", "q")),
	}, rowKeys("move", "record"), pageKeys(), endKeys("home", "the first record", "the last record", "g"), keymap{
		bind(showHelp, "?", "help", "all keys of this screen", "?"),
	})
}

// bulkDoneKeys are those of what became of many.
func bulkDoneKeys() keymap {
	return slices.Concat(keymap{
		must(bind(undoWritten, "U", "undo all", "take all of it back, after a question", "U")),
		step(goNextOpen, "n", "next not written", "the next record that was not written", "n"),
	}, rowKeys("move", "record"), pageKeys(), endKeys("home", "the first record", "the last record", "g"), keymap{
		bind(showHelp, "?", "help", "all keys of this screen", "?"),
		must(bind(goBack, "esc", "queue", "back to the queue; also q and enter", "esc", "q", "enter")),
	})
}
