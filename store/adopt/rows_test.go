package adopt

import (
	"strings"
	"testing"

	"dovetail/store"
)

// TestDoctorComparesRowsWithTheirRecords, and tells what is only not taken in yet, or owed, from what is wrong.
func TestDoctorComparesRowsWithTheirRecords(t *testing.T) {
	r := newRoad(t, people)
	look := func(wanted string) {
		t.Helper()
		f, err := r.hub.CheckRows(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		want(t, strings.Join(f.Found, "; "), wanted)
		if f.OK != (wanted == "3 rows of 2 tables, as their records" || strings.HasPrefix(wanted, "4 rows")) {
			t.Error(f)
		}
	}
	look("3 rows of 2 tables, as their records")
	r.office.do(`UPDATE customer SET name = 'Anna' WHERE id = 1`) // which is noticed
	look("3 rows of 2 tables, as their records")
	// Past the triggers, as SQLite lets a program do that turns them off.
	const name = `dovetail_1_update`
	past := func(statement string) {
		var text, on string
		if _, err := one(r.office, []any{&text, &on}, `SELECT sql, tbl_name FROM sqlite_schema WHERE name = ?1`, name); err != nil || on == "" {
			t.Fatal(err, on)
		}
		r.office.do(`DROP TRIGGER `+name, statement, text)
	}
	past(`UPDATE customer SET city = 'Brig' WHERE id = 2`)
	look(`customer/2 has a row that is not as the record: /city`)
	r.office.do(`UPDATE customer SET city = city WHERE id = 2`) // as doctor says
	look("3 rows of 2 tables, as their records")
	r.office.do(`INSERT INTO customer VALUES (3, 'Cy', 'cy', 'Zug')`)
	look("4 rows of 2 tables, as their records")
	rows := r.office.answer(`SELECT sql FROM sqlite_schema WHERE name = 'dovetail_1_delete'`)
	_, text, _ := strings.Cut(rows, `"`)
	text = strings.NewReplacer(`\n`, "\n", `\t`, "\t", `\"`, `"`).Replace(text[:strings.LastIndex(text, `"|`)])
	r.office.do(`DROP TRIGGER dovetail_1_delete`, `DELETE FROM customer WHERE id = 3`, text)
	look("customer/3 has no row, and the record is there")
	if drift, err := Look(t.Context(), r.hub); err != nil || len(drift) > 0 {
		t.Error(drift, err)
	}
	// On the laptop a row that is owed is as it should be.
	r.rep.do(`CREATE UNIQUE INDEX one ON customer (mail)`)
	r.office.do(`UPDATE customer SET mail = 'bo' WHERE id = 1`)
	r.sync()
	if f, err := r.laptop.CheckRows(t.Context()); err != nil || r.owes() == "" || !f.OK {
		t.Error(f, err, r.owes())
	}
}

// TestATriggerThatIsNotAsAdoptMakesItIsFound, also where what is noted of it was changed with it; adopt makes it anew.
func TestATriggerThatIsNotAsAdoptMakesItIsFound(t *testing.T) {
	r := newRoad(t, people)
	r.office.do(`DROP TRIGGER dovetail_1_delete`, `CREATE TRIGGER dovetail_1_delete AFTER DELETE ON customer BEGIN SELECT 1; END`,
		`UPDATE dovetail_adopted_trigger SET sql = (SELECT sql FROM sqlite_schema WHERE name = 'dovetail_1_delete') WHERE name = 'dovetail_1_delete'`)
	drift, err := Look(t.Context(), r.hub)
	if err != nil || len(drift) != 1 || drift[0].What != Altered || drift[0].Words != "the trigger dovetail_1_delete is not as this dovetail makes it" {
		t.Fatal(drift, err)
	}
	hub, taken, err := Into(t.Context(), r.hub.Info().Path, store.Options{}, nil)
	if err != nil || len(taken) != 1 {
		t.Fatal(taken, err)
	}
	defer hub.Close()
	if drift, err = Look(t.Context(), hub); err != nil || len(drift) > 0 {
		t.Error(drift, err)
	}
}
