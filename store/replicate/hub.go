package replicate

import (
	"context"
	"fmt"
	"os"

	"dovetail/store"
)

// Hub is what a replica speaks to. Its errors say that it could not be reached, or what it refused as a whole; what was
// said may have had its effect all the same, and is said again.
type Hub interface {
	// Deliver takes change lines in, in order, and returns an answer for each.
	Deliver(ctx context.Context, lines [][]byte) ([]store.Answer, error)
	// Feed returns what came after a place; [store.ErrOtherHub] or [store.ErrWentBack] where the place is none
	// of its own.
	Feed(ctx context.Context, from store.Place, limit int) (store.Feed, error)
}

// Apart makes sure that two paths are not the same file.
func Apart(replica, hub string) error {
	a, err := os.Stat(replica)
	if err != nil {
		return err
	}
	b, err := os.Stat(hub)
	if err != nil {
		return err
	}
	if os.SameFile(a, b) {
		return fmt.Errorf("%q and %q are the same file", replica, hub)
	}
	return nil
}
