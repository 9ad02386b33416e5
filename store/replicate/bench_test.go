package replicate_test

import (
	"fmt"
	"strings"
	"testing"

	"dovetail/fixtures"
	"dovetail/merge"
	"dovetail/store"
	"dovetail/store/replicate"
)

// BenchmarkSync sends changes of a replica to a hub in a file that has moved on, and brings what came of them back; an op
// is a change to a record of the standard load.
func BenchmarkSync(b *testing.B) {
	hub, replica := diverged(b, b.N)
	b.ResetTimer()
	report, err := replicate.Sync(b.Context(), replica, hub, nil)
	if err != nil {
		b.Fatal(err)
	}
	b.StopTimer()
	if report.Pushed != int64(b.N) || report.Conflicts != int64(b.N/10) {
		b.Fatalf("%d changes came to %+v", b.N, report)
	}
}

// BenchmarkClone fills a new replica; an op is a version.
func BenchmarkClone(b *testing.B) {
	hub := newHub(b)
	importVersions(b, hub, b.N, 1)
	replica, err := store.CreateReplica(b.Context(), b.TempDir()+"/clone.db", hub.Info().Path, "", options(0))
	if err != nil {
		b.Fatal(err)
	}
	defer replica.Close()
	b.ResetTimer()
	exchange(b, replica, hub)
}

// importVersions brings version 1 or 2 of the standard load into a hub.
func importVersions(b testing.TB, hub *store.Store, records int, version int) {
	b.Helper()
	load := fixtures.Standard(records)
	var lines strings.Builder
	for i := range records {
		key, sides := load.Triple(i)
		fields := sides.Base
		if version == 2 {
			fields = sides.Server
		}
		fmt.Fprintf(&lines, `{"type":"record","record":%q,"version":%d,"fields":%s}`+"\n", key, version, fields)
	}
	if _, err := hub.Import(b.Context(), strings.NewReader(lines.String()), store.ImportOptions{}, func(store.Answer) error { return nil }); err != nil {
		b.Fatal(err)
	}
}

// diverged is a hub and a replica whose records were all changed on both sides.
func diverged(b testing.TB, records int) (hub, replica *store.Store) {
	b.Helper()
	hub = newHub(b)
	importVersions(b, hub, records, 1)
	replica = newReplica(b, hub, "laptop")
	load := fixtures.Standard(records)
	for i := range records {
		key, sides := load.Triple(i)
		write(b, replica, store.Edit{Record: key, Version: 1, Fields: sides.Local, By: "ana",
			Steps: []merge.Operation{}})
	}
	importVersions(b, hub, records, 2)
	return hub, replica
}
