package store

import (
	"context"
	"embed"
	"fmt"
	"io/fs"
	"path"
	"strconv"
	"strings"
)

//go:embed migrations/*.sql
var migrations embed.FS

// migration is one step of the schema. A step that was shipped never changes.
type migration struct {
	number int
	script string
}

// readMigrations returns the steps in order. Their numbers begin at 1 and leave nothing out.
func readMigrations(files fs.FS) ([]migration, error) {
	names, err := fs.Glob(files, "migrations/*.sql")
	if err != nil {
		return nil, err
	}
	var steps []migration
	for i, name := range names {
		number, err := strconv.Atoi(strings.TrimSuffix(path.Base(name), ".sql"))
		if err != nil || number != i+1 {
			return nil, fmt.Errorf("migration %s is not number %d", name, i+1)
		}
		script, err := fs.ReadFile(files, name)
		if err != nil {
			return nil, err
		}
		steps = append(steps, migration{number: number, script: string(script)})
	}
	return steps, nil
}

// migrate brings the schema up to the last step and returns its number. Each step is one transaction; whether it is
// still to be done is looked up once the lock is held, because another process may have been first.
func (s *Store) migrate(ctx context.Context, steps []migration) (int, error) {
	last := len(steps)
	for _, step := range steps {
		err := s.write(ctx, func(t *tx) error {
			done, err := schemaNumber(t)
			switch {
			case err != nil:
				return err
			case done == 0 && !s.fresh:
				return ErrForeign // our tables were removed since they were seen
			case done > last:
				return fmt.Errorf("%w: its schema is %d, this one knows %d", ErrNewer, done, last)
			case done >= step.number:
				return nil
			}
			t.proof = proof{`SELECT 1 FROM dovetail_meta WHERE schema >= $1`, []any{step.number}}
			return t.step(step)
		})
		if err != nil {
			return 0, fmt.Errorf("migrate to schema %d: %w", step.number, err)
		}
	}
	return last, nil
}

func (t *tx) step(step migration) error {
	if _, err := t.script(step.script); err != nil {
		return err
	}
	query, args := `UPDATE dovetail_meta SET schema = $1`, []any{step.number}
	if step.number == 1 {
		query = `
		INSERT INTO dovetail_meta (only, schema, role, home, generation, created_at)
		VALUES (1, 1, 'hub', $1, $2, $3)`
		args = []any{t.store.home(), t.store.newID(), micros(t.now)}
	}
	if _, err := t.run(query, args...); err != nil {
		return err
	}
	return t.sealAnew()
}

// schemaNumber is 0 where there is no schema yet.
func schemaNumber(from source) (int, error) {
	var there, number int
	if _, err := from.row([]any{&there}, `
		SELECT count(*)
		FROM sqlite_master
		WHERE type = 'table' AND name = 'dovetail_meta'`); err != nil || there == 0 {
		return 0, err
	}
	_, err := from.row([]any{&number}, `SELECT schema FROM dovetail_meta`)
	return number, err
}
