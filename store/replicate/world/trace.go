package world

import (
	"fmt"
	"os"
)

// trace prints, for whoever looks for a fault in a seed, what a record is on both sides after each move.
func (w *World) trace(record string) {
	if os.Getenv("TRACE") == "" {
		return
	}
	for i := -1; i < len(w.Devices); i++ {
		path, name := w.Hub.Info().Path, "hub"
		if i >= 0 {
			path, name = w.Devices[i].path, fmt.Sprintf("d%d", i)
		}
		db := Plain(w.t, path)
		for _, row := range w.Read(db, `SELECT 'head '||head||' '||coalesce((SELECT body FROM dovetail_document WHERE id=document),'-')||' pending '||pending||' '||coalesce((SELECT body FROM dovetail_document WHERE id=pending_document),'-') FROM dovetail_record r WHERE collection||'/'||name='`+record+`'
			UNION ALL SELECT '  change '||c.key||' outbox '||outbox||' '||outcome||' answer '||coalesce(answer,'-')||' base '||coalesce(base_version,0)||' local '||coalesce((SELECT body FROM dovetail_document WHERE id=local_document),'-')||' conflict '||coalesce(conflict,0)||' replaced '||replaced||' on '||coalesce((SELECT key FROM dovetail_change WHERE id=c.builds_on),'-')||' resolves '||coalesce((SELECT key FROM dovetail_change WHERE id=c.resolves),'-')||' '||coalesce(device,'')||' '||coalesce(sequence,'') FROM dovetail_change c JOIN dovetail_record r ON r.id=c.record WHERE r.collection||'/'||r.name='`+record+`'
			UNION ALL SELECT '  conflict '||o.id||' '||state||' '||(SELECT key FROM dovetail_change WHERE id=o.change)||' rev '||revision||' server '||server_version||' res '||coalesce(resolution,0)||' base '||coalesce((SELECT body FROM dovetail_document WHERE id=base_document),'-') FROM dovetail_conflict o WHERE collection||'/'||name='`+record+`'`) {
			w.Note("    %s: %s", name, row)
		}
		db.Close()
	}
}
