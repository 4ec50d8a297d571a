package bulk

import (
	"bufio"
	"bytes"
	"cmp"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/iade/iade/internal/payment"
)

// The most that a file may hold. Everything is kept in memory, so that a file which is changed meanwhile changes nothing.
const (
	MaxLines     = 100_000
	MaxFileBytes = 64 << 20
)

// File is a file of refunds in which nothing is wrong.
type File struct {
	Lines     []Line
	Separator rune // between cells; the report uses it too
	BOM       bool // the file begins with a byte order mark, as Excel's do
	// Repeated counts lines that say the same as an earlier one. They are refunds of their own: two tickets of one price.
	Repeated int
	// Payments counts the payments that the lines are about.
	Payments int
}

// Line is one refund to ask for.
type Line struct {
	Number      int // in the file, where it begins; the header is 1
	PaymentID   string
	Key         string
	OperationID string // what iade calls it (contract §2)
	Body        []byte // of POST /refunds
}

// Fault is one thing in a file that is not as it should be.
type Fault struct {
	Line    int
	Field   string
	Message string // never repeats what the file says
}

// BadFile lists everything that is wrong with a file.
type BadFile struct{ Faults []Fault }

// Error counts the faults; Faults says what they are.
func (b *BadFile) Error() string { return fmt.Sprintf("%d faults in the file", len(b.Faults)) }

// Read reads a whole file: CSV in UTF-8, with commas, semicolons or tabs, the first line naming Columns. It fails with
// *BadFile if anything in it is wrong, and with another error if it cannot be read. Lines without a key get one that
// begins with keyPrefix.
func Read(r io.Reader, keyPrefix string) (File, error) {
	data := &bounded{r: r, left: MaxFileBytes + 1}
	text := bufio.NewReaderSize(data, 64<<10)
	var f File
	if mark, err := text.Peek(3); err == nil && bytes.Equal(mark, []byte("\xef\xbb\xbf")) {
		f.BOM = true
		_, _ = text.Discard(len(mark)) // it was peeked
	}
	start, err := text.Peek(4096)
	if err != nil && !errors.Is(err, io.EOF) {
		return File{}, fmt.Errorf("read file: %w", err)
	}
	if bytes.IndexByte(start, 0) >= 0 {
		return File{}, &BadFile{[]Fault{{1, "file", "is not CSV in UTF-8: let the spreadsheet save it as \"CSV UTF-8\""}}}
	}
	first, _, _ := bytes.Cut(start, []byte("\n"))
	f.Separator = separatorOf(string(first))
	cells := csv.NewReader(text)
	cells.Comma, cells.FieldsPerRecord, cells.ReuseRecord = f.Separator, -1, true
	rows := &rows{csv: cells, file: &f, prefix: keyPrefix, said: map[string]int{}, keys: map[string]keyUse{}, payments: map[string]struct{}{}}
	if err := rows.read(); err != nil || data.left <= 0 {
		return File{}, fmt.Errorf("read file: %w", cmp.Or(err, errTooLarge))
	}
	if len(rows.faults) > 0 {
		return File{}, &BadFile{rows.faults}
	}
	f.Payments = len(rows.payments)
	return f, nil
}

var errTooLarge = fmt.Errorf("it has more than %d bytes: split it", MaxFileBytes)

// bounded fails where a file is larger than it may be, in place of reading on.
type bounded struct {
	r    io.Reader
	left int
}

func (b *bounded) Read(p []byte) (int, error) {
	if b.left <= 0 {
		return 0, errTooLarge
	}
	n, err := b.r.Read(p[:min(len(p), b.left)])
	b.left -= n
	return n, err
}

// rows goes through a file from top to bottom.
type rows struct {
	csv      *csv.Reader
	file     *File
	prefix   string
	names    []string // of the columns, in the file's order
	faults   []Fault
	said     map[string]int    // how many lines said the same, by the key of the first
	keys     map[string]keyUse // by operation id, which is payment and key
	payments map[string]struct{}
}

type keyUse struct {
	line        int
	fingerprint string
}

func (r *rows) read() error {
	for {
		record, err := r.csv.Read()
		var syntax *csv.ParseError
		switch {
		case errors.Is(err, io.EOF):
			if r.names == nil {
				r.fault(1, "file", "is empty: the first line names the columns")
			} else if len(r.file.Lines) == 0 && len(r.faults) == 0 {
				r.fault(2, "file", "has no line after the header")
			}
			return nil
		case errors.As(err, &syntax):
			r.fault(syntax.StartLine, "line", "is not CSV: "+syntax.Err.Error())
			if r.names == nil {
				return nil
			}
			continue
		case err != nil:
			return err
		}
		number, _ := r.csv.FieldPos(0)
		if r.names == nil {
			if r.names, r.faults = readHeader(record); len(r.faults) > 0 {
				return nil
			}
			continue
		}
		if blank(record) {
			continue
		}
		if len(r.file.Lines)+len(r.faults) >= MaxLines {
			r.fault(number, "file", fmt.Sprintf("has more than %d lines: split it", MaxLines))
			return nil
		}
		r.line(number, record)
	}
}

// blank tells whether a line holds nothing, as spreadsheets write below their tables.
func blank(record []string) bool {
	return !slices.ContainsFunc(record, func(cell string) bool { return strings.TrimSpace(cell) != "" })
}

func (r *rows) fault(line int, field, message string) {
	r.faults = append(r.faults, Fault{line, field, message})
}

// line reads one refund.
func (r *rows) line(number int, record []string) {
	if len(record) != len(r.names) {
		r.fault(number, "line", fmt.Sprintf("has %d cells, the header has %d: a text with the separator in it needs quotation marks", len(record), len(r.names)))
		return
	}
	l, command, faults := readLine(number, r.names, record)
	if len(faults) > 0 {
		r.faults = append(r.faults, faults...)
		return
	}
	if l.Key == "" {
		r.makeKey(&l, command)
	}
	command.Key = l.Key
	l.OperationID = command.OperationID()
	use := keyUse{number, command.Fingerprint()}
	if earlier, ok := r.keys[l.OperationID]; !ok {
		r.keys[l.OperationID] = use
	} else if earlier.fingerprint != use.fingerprint {
		r.fault(number, columnKey, fmt.Sprintf("is the key of line %d too, which is another request on the payment", earlier.line))
		return
	}
	r.payments[l.PaymentID] = struct{}{}
	r.file.Lines = append(r.file.Lines, l)
}

func (r *rows) makeKey(l *Line, command payment.Command) {
	first := madeKey(r.prefix, command, 1)
	r.said[first]++
	l.Key = first
	if n := r.said[first]; n > 1 {
		r.file.Repeated++
		l.Key = madeKey(r.prefix, command, n)
	}
}
