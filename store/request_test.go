package store_test

import (
	"bytes"
	"errors"
	"testing"

	"dovetail/merge"
	"dovetail/store"
)

// replace is a change to a record at a version, whatever it holds.
func replace(version int64, fields string) func(store.Record) (store.Edit, error) {
	return func(now store.Record) (store.Edit, error) {
		if now.Version != version {
			return store.Edit{}, merge.ErrStale
		}
		e := store.Edit{Version: version, By: "ana"}
		if fields != "" {
			e.Fields = doc(fields)
		}
		return e, nil
	}
}

// What a key came to is answered again, and not done again, also where the record moved on and the file was opened anew.
func TestWriteOnce(t *testing.T) {
	s := newStore(t)
	request := func(key string, payload byte) store.Request {
		return store.Request{Person: "ana", Key: key, Payload: bytes.Repeat([]byte{payload}, 32)}
	}
	steps := []struct {
		r       store.Request
		version int64
		fields  string
	}{
		{request("create", 1), 0, `{"x":1}`},
		{request("write", 2), 1, `{"x":2}`},
		{request("same", 3), 2, `{"x":2.0}`},
		{request("delete", 4), 2, ``},
		{request("again", 5), 3, `{"x":4}`},
	}
	var replies []store.Reply
	for _, step := range steps {
		reply, err := s.WriteOnce(t.Context(), step.r, key("deal/1"), replace(step.version, step.fields))
		if err != nil {
			t.Fatal(err)
		}
		replies = append(replies, reply)
	}
	s = reopen(t, s)
	before := ask(t, s, `SELECT count(*) FROM dovetail_version`)
	for i, want := range []store.Reply{
		{Record: store.Record{Version: 1, Fields: doc(`{"x":1}`)}, Created: true},
		{Record: store.Record{Version: 2, Fields: doc(`{"x":2}`)}},
		{Record: store.Record{Version: 2, Fields: doc(`{"x":2}`)}},
		{Record: store.Record{Version: 3, Deleted: true}},
		{Record: store.Record{Version: 4, Fields: doc(`{"x":4}`)}, Created: true},
	} {
		again, err := s.WriteOnce(t.Context(), steps[i].r, key("deal/1"), func(store.Record) (store.Edit, error) {
			return store.Edit{}, errors.New("it was asked once more")
		})
		if err != nil {
			t.Fatal(err)
		}
		for _, got := range []store.Reply{replies[i], again} {
			if got.Created != want.Created || got.Record.Version != want.Record.Version || got.Record.Deleted != want.Record.Deleted ||
				string(got.Record.Fields) != string(want.Record.Fields) {
				t.Errorf("%s: %+v, want %+v", steps[i].r.Key, got, want)
			}
		}
	}
	if after := ask(t, s, `SELECT count(*) FROM dovetail_version`); after[0] != before[0] {
		t.Errorf("%s versions, there were %s", after[0], before[0])
	}
	if _, err := s.WriteOnce(t.Context(), request("write", 9), key("deal/1"), replace(4, `{"x":9}`)); !errors.Is(err, store.ErrKeyReused) {
		t.Errorf("the key for something else: %v", err)
	}
	other := store.Request{Person: "bo", Key: "write", Payload: bytes.Repeat([]byte{9}, 32)}
	if reply, err := s.WriteOnce(t.Context(), other, key("deal/1"), replace(4, `{"x":5}`)); err != nil || reply.Record.Version != 5 {
		t.Errorf("the key of somebody else: %+v, %v", reply, err)
	}
}

// A request that comes to nothing leaves nothing, not even its key.
func TestWriteOnceThatFails(t *testing.T) {
	s := newStore(t)
	r := store.Request{Person: "ana", Key: "k", Payload: make([]byte, 32)}
	if _, err := s.WriteOnce(t.Context(), r, key("deal/1"), replace(7, `{"x":1}`)); !errors.Is(err, merge.ErrStale) {
		t.Errorf("on a version that is not there: %v", err)
	}
	if _, err := s.WriteOnce(t.Context(), r, key("deal/1"), replace(0, ``)); !errors.Is(err, merge.ErrNotFound) {
		t.Errorf("delete what is not there: %v", err)
	}
	if n := ask(t, s, `SELECT count(*) FROM dovetail_request UNION ALL SELECT count(*) FROM dovetail_record`); n[0] != "0" || n[1] != "0" {
		t.Errorf("left: %v", n)
	}
	if reply, err := s.WriteOnce(t.Context(), r, key("deal/1"), replace(0, `{"x":1}`)); err != nil || reply.Record.Version != 1 || !reply.Created {
		t.Errorf("the key is free: %+v, %v", reply, err)
	}
	for range 2 { // without a key, it is done as often as it is asked
		r.Key = ""
		if _, err := s.WriteOnce(t.Context(), r, key("deal/1"), func(now store.Record) (store.Edit, error) {
			return store.Edit{Version: now.Version, Fields: doc(`{"x":` + string('0'+byte(now.Version+1)) + `}`)}, nil
		}); err != nil {
			t.Fatal(err)
		}
	}
	if got, err := s.Get(t.Context(), key("deal/1")); err != nil || got.Version != 3 {
		t.Errorf("%+v, %v", got, err)
	}
}
