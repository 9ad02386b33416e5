package tui

import (
	"slices"
	"strings"
	"unicode/utf8"

	tea "github.com/charmbracelet/bubbletea"

	"dovetail/merge"
	"dovetail/tui/safe"
)

// recordsModel is the tab of the records: those of a collection, and one of them opened.
type recordsModel struct {
	env           *env
	width, height int
	counts        merge.Counts // of the queue, for the tabs
	counted       bool

	collections []string
	collection  string
	text        string // that is searched for
	typing      bool   // of it
	box         box
	naming      bool      // a new record is named
	problem     safe.Cell // with its name

	seq     int // of the last page that was asked for
	loading bool
	more    bool // records follow those that were read
	stale   int  // the rows before it were read before something was written
	err     error
	rows    []recordRow
	drafts  []merge.RecordDraft // of the person
	list

	open    *openRecord // nil: the list is shown
	readSeq int         // of the record that was asked for last
	status  status
}

// recordRow is a record made ready to be drawn.
type recordRow struct {
	key      merge.Key
	id, text safe.Cell
	notes    safe.Cell
	apart    bool // there is a draft of it alone
}

func newRecords(e *env) recordsModel { return recordsModel{env: e} }

// maxRowText is how much of a record a row is made of, in bytes.
const maxRowText = 400

func newRecordRow(r RecordShown) recordRow {
	text := strings.TrimSuffix(strings.TrimPrefix(string(r.Fields), "{"), "}")
	if len(text) > maxRowText {
		end := maxRowText
		for !utf8.RuneStart(text[end]) {
			end--
		}
		text = text[:end]
	}
	return recordRow{key: r.Record, id: safe.Text(r.Record.ID), text: safe.Text(text), notes: recordNotes(&r)}
}

// recordNotes say what there is to know of a record besides its fields.
func recordNotes(r *RecordShown) safe.Cell {
	var notes []string
	if n := len(r.Conflicts); n > 0 {
		notes = append(notes, plural(n, "conflict"))
	}
	if r.Pending {
		notes = append(notes, "to be sent")
	}
	return safe.Cell(strings.Join(notes, ", "))
}

// start shows the list, with what was found before read again.
func (m recordsModel) start(q *queueModel) (recordsModel, tea.Cmd) {
	m.counts, m.counted = q.counts, q.counted
	m.status, m.open, m.naming, m.typing = status{}, nil, false, false
	m.readSeq++
	m.loading = true
	return m, m.env.commands.records.collections()
}

func (m recordsModel) setSize(width, height int) recordsModel {
	m.width, m.height = width, height
	m.keep(len(m.rows), m.page())
	if m.open != nil {
		o := *m.open
		m.open = &o
		m.open.keep(len(o.rows), m.recordPage())
		m.box.lay(m.boxWidth())
		m.layPast()
	}
	return m
}

// page is how many records are in sight.
func (m *recordsModel) page() int {
	if m.height >= 18 {
		return max(m.height-10, 1)
	}
	return max(m.height-4-1-min(footerRows(m.width, m.height), 2), 1)
}

func (m *recordsModel) keys() keymap {
	switch {
	case m.open != nil:
		return m.openKeys()
	case m.typing, m.naming:
		return m.env.keys[onLine]
	}
	return m.env.keys[onRecords]
}

// Update handles a key or a command's answer.
func (m recordsModel) Update(msg tea.Msg) (recordsModel, action, tea.Cmd) {
	var cmd tea.Cmd
	switch msg := msg.(type) {
	case collectionsMsg:
		cmd = m.tookCollections(msg)
	case foundMsg:
		cmd = m.found(msg)
	case recordMsg:
		cmd = m.tookRecord(msg)
	case editedMsg:
		cmd = m.edited(msg)
	case recordSavedMsg:
		m.draftSaved(msg)
	case recordTypedMsg:
		cmd = m.typedLast(msg)
	case recordWroteMsg:
		cmd = m.wrote(msg)
	case historyMsg:
		m.tookPast(msg)
	case tea.KeyMsg:
		switch {
		case m.open != nil && m.open.mode == recordTyping:
			return m.typedValue(msg)
		case m.open != nil && m.open.mode == recordAdding:
			return m.typedField(msg)
		case m.open == nil && m.naming:
			return m.typedName(msg)
		case m.open == nil && m.typing:
			return m.typedText(msg)
		}
		intents := m.keys().intents(msg)
		if dropped(msg, intents) {
			m.status = status{text: together, bad: true}
		}
		return inTurn(m, intents, recordsModel.obey)
	}
	return m, action{}, cmd
}

func (m *recordsModel) tookCollections(msg collectionsMsg) tea.Cmd {
	if m.err = msg.err; msg.err != nil {
		m.loading = false
		return nil
	}
	m.collections = msg.names
	if len(msg.names) == 0 {
		m.loading = false
		return nil
	}
	if !slices.Contains(msg.names, m.collection) {
		m.collection = msg.names[0]
		return m.anew()
	}
	return m.reread()
}

// search asks for the records from a row of the list on. What stands before it stays.
func (m *recordsModel) search(from, limit int) tea.Cmd {
	ask := recordsAsk{collection: m.collection, text: m.text, from: from, limit: limit}
	if from > 0 && !m.rows[from-1].apart {
		ask.after = m.rows[from-1].key.ID
	}
	m.seq++
	m.loading = true
	return m.env.commands.records.find(m.seq, ask)
}

// reread reads the records in sight again, with what stands next to them. What stands further up is read again when it is come
// to, what stands further down with the pages that follow.
func (m *recordsModel) reread() tea.Cmd {
	m.stale = max(m.top-m.page(), 0)
	return m.search(m.stale, max(recordsPage, 4*m.page()))
}

func (m *recordsModel) found(msg foundMsg) tea.Cmd {
	if msg.seq != m.seq {
		return nil
	}
	m.loading, m.err = false, msg.err
	if msg.err != nil {
		return nil
	}
	at, had := merge.Key{}, m.in(len(m.rows))
	if had {
		at = m.rows[m.cursor].key
	}
	m.drafts = msg.drafts
	m.rows = slices.Clip(m.rows[:min(msg.ask.from, len(m.rows))])
	if msg.ask.after == "" {
		m.rows = m.rowsApart(msg.apart)
	}
	for i := range msg.records {
		m.rows = append(m.rows, newRecordRow(msg.records[i]))
	}
	m.more = len(msg.records) == msg.ask.limit
	if i := slices.IndexFunc(m.rows, func(r recordRow) bool { return r.key == at }); had && i >= 0 {
		m.shift(i - m.cursor)
	}
	m.keep(len(m.rows), m.page())
	return m.settle()
}

// settle asks for more records as the cursor comes near the last one that was read, and for those again that something was
// written since.
func (m *recordsModel) settle() tea.Cmd {
	switch {
	case m.loading || len(m.rows) == 0:
		return nil
	case m.top < m.stale:
		return m.reread()
	case !m.more || len(m.rows)-m.cursor > 2*m.page():
		return nil
	}
	return m.search(len(m.rows), recordsPage)
}

// anew shows another collection, or what another text finds.
func (m *recordsModel) anew() tea.Cmd {
	m.rows, m.list, m.more, m.stale = nil, list{}, false, 0
	return m.search(0, recordsPage)
}

// turn goes to the collection so many further.
func (m *recordsModel) turn(step int) tea.Cmd {
	n := len(m.collections)
	if n < 2 {
		m.status.text = "there is no other collection"
		return nil
	}
	m.collection = m.collections[(slices.Index(m.collections, m.collection)+step+n)%n]
	return m.anew()
}

// obey does what a key asks for.
func (m recordsModel) obey(what intent) (recordsModel, action, tea.Cmd) {
	m.status = status{}
	if m.open != nil {
		return m.obeyRecord(what)
	}
	var cmd tea.Cmd
	if out, ok := leads(what); ok {
		return m, out, nil
	}
	switch what {
	case tabOpen, tabDrafts, tabSnoozed, tabResolved, tabParked:
		return m, action{do: toTab, tab: what}, nil
	case goBack:
		if m.text == "" {
			return m, action{do: toTab}, nil
		}
		m.text = ""
		cmd = m.anew()
	case tabNext, goRight:
		cmd = m.turn(1)
	case tabPrevious, goLeft:
		cmd = m.turn(-1)
	case refresh:
		m.loading = true
		cmd = m.env.commands.records.collections()
	case editFilter:
		m.typing = true
		m.box = newBox(m.text, false, max(m.width-12, 10))
	case createRecord:
		m.startNaming()
	case openCase:
		if m.in(len(m.rows)) {
			cmd = m.read(m.rows[m.cursor].key)
		}
	default:
		m.move(what, len(m.rows), m.page(), max(m.page()-1, 1))
		cmd = m.settle()
	}
	return m, action{}, cmd
}

func (m *recordsModel) read(key merge.Key) tea.Cmd {
	m.readSeq++
	return m.env.commands.records.read(m.readSeq, key)
}

// typedText takes a key while the text to search for is typed.
func (m recordsModel) typedText(msg tea.KeyMsg) (recordsModel, action, tea.Cmd) {
	b, _ := m.env.keys[onLine].find(msg)
	switch b.intent {
	case leaveAtOnce:
		return m, action{do: quitAtOnce}, nil
	case closeBox:
		m.typing = false
	case acceptLine:
		m.typing, m.text = false, m.box.text
		cmd := m.anew()
		return m, action{}, cmd
	default:
		m.box.key(msg)
	}
	return m, action{}, nil
}
