//go:build unix

package store

import (
	"errors"
	"os"
)

// syncDirectory makes sure that a new file's name outlives a power cut.
func syncDirectory(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
