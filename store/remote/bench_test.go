package remote_test

import (
	"bytes"
	"fmt"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"dovetail/fixtures"
	"dovetail/store"
	"dovetail/store/remote"
	"dovetail/store/serve"
)

// batch is how many changes a replica sends at once.
const batch = 500

// pushed is a hub of the standard load, with a change to each of its records that is still to come.
type pushed struct {
	hub     *store.Store
	far     *remote.Hub
	address string
	changes [][]byte
}

// newPushed makes one that can be reached by HTTP.
func newPushed(b *testing.B, records int) *pushed {
	b.Helper()
	var all, lines bytes.Buffer
	if err := fixtures.Standard(records).Lines(&all); err != nil {
		b.Fatal(err)
	}
	p := &pushed{}
	for line := range bytes.Lines(all.Bytes()) {
		if bytes.Contains(line[:min(len(line), 40)], []byte(`"type":"change"`)) {
			p.changes = append(p.changes, bytes.TrimSpace(line))
		} else {
			lines.Write(line)
		}
	}
	var err error
	if p.hub, err = store.Create(b.Context(), filepath.Join(b.TempDir(), "hub.db"), store.Options{}); err != nil {
		b.Fatal(err)
	}
	if len(p.changes) != records {
		b.Fatalf("%d changes of %d records", len(p.changes), records)
	}
	if _, err := p.hub.Import(b.Context(), &lines, store.ImportOptions{}, func(store.Answer) error { return nil }); err != nil {
		b.Fatal(err)
	}
	if _, err := p.hub.AddToken(b.Context(), "ana", store.Scopes, "secret"); err != nil {
		b.Fatal(err)
	}
	server := httptest.NewServer(serve.New(p.hub, serve.Options{}))
	p.address, p.far = server.URL, dial(b, server.URL, nil)
	b.Cleanup(func() {
		server.Close()
		p.hub.Close()
	})
	return p
}

// next takes some of the changes.
func (p *pushed) next() [][]byte {
	n := min(batch, len(p.changes))
	lines := p.changes[:n]
	p.changes = p.changes[n:]
	return lines
}

// overHTTP sends a batch as a replica does.
func (p *pushed) overHTTP(b *testing.B) {
	lines := p.next()
	if answers, err := p.far.Deliver(b.Context(), lines); err != nil || len(answers) != len(lines) || answers[0].Version == 0 {
		b.Fatalf("%d answers, %v", len(answers), err)
	}
}

// inFile is the same without HTTP.
func (p *pushed) inFile(b *testing.B) {
	lines := p.next()
	who := store.Token{Person: "ana", Scopes: store.Scopes}
	if answers, err := p.hub.DeliverAs(b.Context(), who, lines); err != nil || len(answers) != len(lines) || answers[0].Version == 0 {
		b.Fatalf("%d answers, %v", len(answers), err)
	}
}

// BenchmarkPush sends changes to a hub over HTTP on loopback, in batches of 500; an op is a change to a record of the
// standard load. Beside it go the same changes to the same hub in a file, batch by batch in turn: floor-ns/op is what those
// take, and speed-% how fast it is beside them (DESIGN.md section 8: at least 85). Run it with -benchtime 20000x.
func BenchmarkPush(b *testing.B) {
	far, near := newPushed(b, b.N), newPushed(b, b.N)
	var over, in time.Duration
	b.ResetTimer()
	for len(far.changes) > 0 {
		begun := time.Now()
		far.overHTTP(b)
		over += time.Since(begun)
		b.StopTimer()
		begun = time.Now()
		near.inFile(b)
		in += time.Since(begun)
		b.StartTimer()
	}
	b.StopTimer()
	b.ReportMetric(float64(in.Nanoseconds())/float64(b.N), "floor-ns/op")
	b.ReportMetric(100*float64(in)/float64(over), "speed-%")
}

// BenchmarkPushFloor is BenchmarkPush without HTTP, to be looked at by a profiler.
func BenchmarkPushFloor(b *testing.B) {
	near := newPushed(b, b.N)
	b.ResetTimer()
	for len(near.changes) > 0 {
		near.inFile(b)
	}
}

// BenchmarkPushClients has 50 clients push one change after the other, each in a request and a transaction of its own.
func BenchmarkPushClients(b *testing.B) {
	const clients = 50
	p := newPushed(b, b.N)
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: clients}}
	work := make(chan []byte)
	var mu sync.Mutex
	var all []time.Duration
	var failed error
	push := func(line []byte) error {
		req, err := http.NewRequestWithContext(b.Context(), http.MethodPost, p.address+"/v1/changes", bytes.NewReader(line))
		if err != nil {
			return err
		}
		req.Header.Set("Authorization", "Bearer secret")
		req.Header.Set("Content-Type", "application/json")
		res, err := client.Do(req)
		if err != nil {
			return err
		}
		if res.StatusCode > 299 {
			err = fmt.Errorf("status %d", res.StatusCode)
		}
		if closed := res.Body.Close(); err == nil {
			err = closed
		}
		return err
	}
	b.ResetTimer()
	var group sync.WaitGroup
	for range clients {
		group.Go(func() {
			for line := range work {
				begun := time.Now()
				err := push(line)
				took := time.Since(begun)
				mu.Lock()
				if all = append(all, took); err != nil {
					failed = err
				}
				mu.Unlock()
			}
		})
	}
	for _, line := range p.changes {
		work <- line
	}
	close(work)
	group.Wait()
	b.StopTimer()
	if failed != nil {
		b.Fatal(failed)
	}
	slices.Sort(all)
	for _, percent := range []int{50, 99} {
		b.ReportMetric(float64(all[len(all)*percent/100].Microseconds())/1000, fmt.Sprintf("p%d-ms", percent))
	}
}
