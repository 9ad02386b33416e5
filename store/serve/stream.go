package serve

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"time"

	"dovetail/store"
)

// Whoever streams is waited for as long as something comes, or goes: a laptop in a train is no attack, and it has a token.
const (
	readPatience  = 30 * time.Second
	writePatience = 60 * time.Second
)

// longestLine is how much of a line is read in the hope of its end. What is beyond store.MaxLine is not kept.
const longestLine = 4 * store.MaxLine

// errLast says that there are no more lines.
var errLast = errors.New("the last line was read")

// stream is a body of lines that is answered while it is read.
type stream struct {
	*call
	control *http.ResponseController
	in      *bufio.Reader
	sized   bool // all of the body is under way: nobody waits for an answer before it sends more
	to      *bufio.Writer
	encoder *json.Encoder
}

// stream begins to read the body as lines.
func (c *call) stream() *stream {
	s := &stream{call: c, control: http.NewResponseController(c.out), sized: c.request.ContentLength >= 0}
	s.in = bufio.NewReaderSize(&waiting{s}, 64<<10)
	s.to = bufio.NewWriterSize(c.out, 32<<10)
	s.encoder = json.NewEncoder(s.to)
	s.encoder.SetEscapeHTML(false)
	s.control.EnableFullDuplex() // where that is not there, an answer waits for the body by itself
	return s
}

// waiting reads a body for as long as something comes.
type waiting struct{ *stream }

// Read implements [io.Reader].
func (w *waiting) Read(p []byte) (int, error) {
	w.control.SetReadDeadline(time.Now().Add(readPatience)) // a server without deadlines has none to put off
	return w.request.Body.Read(p)
}

// next reads the lines of a batch, of at most so many; [errLast] where there are no more after these. Those of a body that
// does not come whole are as good as not sent, up to the batch before.
func (s *stream) next(most int) (lines [][]byte, end error) {
	for size := 0; len(lines) < min(most, batchLines) && size < batchBytes; {
		line, err := s.line()
		if len(line) > 0 {
			lines = append(lines, line)
			size += len(line)
		}
		if err == io.EOF {
			return lines, errLast
		}
		if err != nil {
			return nil, err
		}
		if !s.sized && len(lines) > 0 && !s.lineIsHere() {
			return lines, nil
		}
	}
	return lines, nil
}

// lineIsHere reports whether the next line came already.
func (s *stream) lineIsHere() bool {
	here, _ := s.in.Peek(s.in.Buffered())
	return bytes.IndexByte(here, '\n') >= 0
}

// line reads one line, in memory of its own, without blanks around it; of one that is too long as much as shows that it is.
func (s *stream) line() ([]byte, error) {
	var line []byte
	for length := 0; ; {
		part, err := s.in.ReadSlice('\n')
		if length += len(part); length > longestLine {
			return nil, errTooLarge.because("a line may have %d bytes", store.MaxLine)
		}
		if len(line) <= store.MaxLine {
			line = append(line, part...)
		}
		switch err {
		case bufio.ErrBufferFull:
		case nil, io.EOF:
			return bytes.TrimSpace(line), err
		default:
			return nil, errCut
		}
	}
}

// tell answers a batch, and sees that it goes.
func (s *stream) tell(answers []store.Answer) error {
	s.begin()
	for i := range answers {
		if err := s.encoder.Encode(&answers[i]); err != nil {
			return errGone
		}
	}
	return s.flush()
}

// begin answers that what comes is lines, once.
func (s *stream) begin() {
	s.control.SetWriteDeadline(time.Now().Add(writePatience))
	if s.out.status == 0 {
		s.out.Header().Set("Content-Type", typeLines)
		s.out.WriteHeader(http.StatusOK)
	}
}

func (s *stream) flush() error {
	if s.to.Flush() != nil {
		return errGone
	}
	if err := s.control.Flush(); err != nil && !errors.Is(err, http.ErrNotSupported) {
		return errGone
	}
	return nil
}

// finish ends an answer, which may be to nothing.
func (s *stream) finish() error {
	s.begin()
	return s.flush()
}

// broken ends a stream by an error: where something was answered already, as a problem in a line of its own.
func (s *stream) broken(err error) error {
	if s.out.status == 0 {
		return err
	}
	text, failed := encode(s.problemOf(err))
	if failed != nil {
		return failed
	}
	s.control.SetWriteDeadline(time.Now().Add(writePatience))
	s.to.Write(text)
	return s.flush()
}

// overfull ends a stream that may not be longer, if it is.
func (s *stream) overfull() error {
	if line, err := s.line(); err == io.EOF && len(line) == 0 {
		return s.finish()
	}
	return s.broken(errTooMany)
}
