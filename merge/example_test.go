package merge_test

import (
	"fmt"

	"dovetail/merge"
)

func document(text string) merge.Document {
	d, err := merge.Canonical([]byte(text))
	if err != nil {
		panic(err)
	}
	return d
}

// A deal was closed on a laptop without a line, while somebody at a desk opened it again and added a note.
func ExampleRecord() {
	r := merge.Record(merge.Sides{
		Base:   document(`{"status": "negotiating", "amount": 40000}`),
		Local:  document(`{"status": "closed", "amount": 50000}`),
		Server: document(`{"status": "open", "amount": 40000, "notes": "added"}`),
	}, nil)
	fmt.Println(r.Outcome)
	for _, f := range r.Fields {
		fmt.Println(f.Path, f.Outcome, "-", f.Reason())
	}
	status, _ := r.Field("/status")
	mine, _ := status.Choose(merge.TakeLocal, merge.Absent)
	written, err := r.Apply(merge.Decisions{"/status": mine})
	fmt.Println(string(written), err)
	// Output:
	// conflict
	// /amount local - only local changed it
	// /notes server - only the server changed it
	// /status conflict - both sides changed it, differently
	// {"amount":50000,"notes":"added","status":"closed"} <nil>
}
