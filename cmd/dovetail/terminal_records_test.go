//go:build unix

package main

import (
	"path/filepath"
	"syscall"
	"testing"
)

// What the last lines of the records' screens say.
const (
	recordsFoot = "/ search"
	recordFoot  = "q records"
)

// dealAlone makes a database with one record.
func dealAlone(t *testing.T) string {
	t.Helper()
	db := filepath.Join(t.TempDir(), "dovetail.db")
	dovetail(t, "--db", db, "init")
	dovetail(t, "--db", db, "set", "deal/D-1", "status=open", "amount:=40000", "owner=ana")
	return db
}

// editDeal has a person edit one field of the record, and type another in the box that stays open.
func editDeal(x *terminal) {
	x.t.Helper()
	x.sees(queueFoot, "6 Records")
	x.press("6", "collection: deal", "D-1", recordsFoot)
	x.press("\r", "RECORD deal/D-1", recordFoot)
	x.press("e", "EDIT amount")
	x.press("\x15", "EDIT amount", "1 edit not written")
	x.press("9", "▏", "draft saved")
	x.press("\r", "40000 → 9", "draft saved")
	x.press("j", "▸   owner")
	x.press("e", "EDIT owner")
	for _, key := range "!x" {
		x.press(string(key))
	}
	x.sees("ana!x", "2 edits not written", "draft saved")
}

// However the terminal ends while a record is edited, what was edited is there when somebody comes back, and what was typed in
// the box too, once it was saved.
func TestTerminalRecordDraftSurvives(t *testing.T) {
	for name, end := range map[string]func(*terminal){
		"kill -9": func(x *terminal) { x.cmd.Process.Signal(syscall.SIGKILL) },
		"hang-up": func(x *terminal) { x.cmd.Process.Signal(syscall.SIGHUP) },
		"SIGTERM": func(x *terminal) { x.cmd.Process.Signal(syscall.SIGTERM) },
		"ctrl+c":  func(x *terminal) { x.press("\x03") },
		"q":       func(x *terminal) { x.press("\x1b", "kept"); x.press("q", "draft", recordsFoot); x.press("q") },
	} {
		t.Run(name, func(t *testing.T) {
			db := dealAlone(t)
			x := open(t, 100, 30, "--db", db, "--color", "never")
			editDeal(x)
			end(x)
			x.ends()
			dovetail(t, "--db", db, "--as", "diaz", "set", "deal/D-1", "status=closed") // meanwhile
			x = open(t, 100, 30, "--db", db, "--color", "never")
			x.sees(queueFoot)
			x.press("6", "D-1", "draft", recordsFoot)
			x.press("\r", "It is v2 now: 1 edit kept.", "40000 → 9", "typed, not accepted: ana!x", "closed", recordFoot)
			x.press("w", "Write 1 field on v2")
			x.press("y", "written deal/D-1 v3")
			if version, fields := recordOf(t, db, "deal/D-1"); version != 3 || fields["amount"] != 9.0 || fields["status"] != "closed" || fields["owner"] != "ana" {
				t.Errorf("the record is version %d, %v", version, fields)
			}
		})
	}
}

// What somebody else wrote to the same field is not written over until the person says so.
func TestTerminalRecordDraftWritesNothingOver(t *testing.T) {
	db := dealAlone(t)
	x := open(t, 80, 24, "--db", db, "--color", "never")
	editDeal(x)
	dovetail(t, "--db", db, "--as", "diaz", "set", "deal/D-1", "amount:=7", "owner=diaz")
	x.press("\r", "owner")
	x.press("w", "Write 2 fields on v1")
	x.press("y", "Nothing was written", "It is v2 now: 2 changed on both")
	x.press("w", "nothing is written yet", "amount, owner")
	x.press("1", "your edit of amount stays")
	x.press("w", "nothing is written yet", "owner. 1 keeps")
	x.press("2", "owner stays as it is now")
	x.press("w", "Write 1 field on v2")
	x.press("y", "written deal/D-1 v3")
	if version, fields := recordOf(t, db, "deal/D-1"); version != 3 || fields["amount"] != 9.0 || fields["owner"] != "diaz" {
		t.Errorf("the record is version %d, %v", version, fields)
	}
	x.press("q", recordsFoot)
	x.press("q")
	x.ends()
}

// A rep without a line makes a record on the laptop, and another line by line; the next sync brings both to the hub.
func TestTerminalMakesRecordsOffline(t *testing.T) {
	db := dealAlone(t)
	laptop := filepath.Join(t.TempDir(), "laptop.db")
	dovetail(t, "clone", db, laptop)
	x := open(t, 80, 24, "--db", laptop, "--color", "never")
	x.sees(queueFoot)
	x.press("6", "D-1", recordsFoot)
	x.press("n", "NEW RECORD deal/")
	x.press("D-1")
	x.press("\r", "deal/D-1 is there already")
	x.press("0", "deal/D-10")
	x.press("\r", "RECORD deal/D-10", recordFoot)
	x.press("+", "ADD A FIELD")
	x.press("status=lead", "status=lead▏")
	x.press("\r", "E status")
	x.press("w", "Make it, with 1 field")
	x.press("y", "the next sync sends it")
	x.press("q", "D-10", "to be sent", recordsFoot)
	x.press("q")
	x.ends()
	x = open(t, 80, 50, "--accessible", "--db", laptop)
	for _, line := range [][2]string{{"records", "1. D-1: "}, {"n", "Collection and id of the new record"}, {"deal/D-11", "Record: deal/D-11, new"}, {"add-field", "FIELD=VALUE"},
		{"status=open", "1. status, string, edited"}, {"w", "Type yes"}, {"yes", "deal/D-11 is changed here"}, {"q", "3. D-11, to be sent"}} {
		x.asks()
		x.press(line[0]+"\r", line[1])
	}
	x.asks()
	x.press("quit\r")
	x.ends()
	dovetail(t, "--db", laptop, "sync")
	for record, want := range map[string]string{"deal/D-10": "lead", "deal/D-11": "open"} {
		if version, fields := recordOf(t, db, record); version != 1 || fields["status"] != want {
			t.Errorf("%s is version %d, %v", record, version, fields)
		}
	}
}
