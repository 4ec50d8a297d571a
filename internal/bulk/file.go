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

	"github.com/shopspring/decimal"

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
	// DecimalComma tells that amounts in the file, and so in the report, have a comma.
	DecimalComma bool
	// Repeated counts lines that say the same as an earlier one. They are refunds of their own: two tickets of one price.
	Repeated int
	// SameKey counts lines that have an earlier line's key and request. They are that line's refund, once.
	SameKey int
	// Payments counts the payments that the lines are about.
	Payments int
	// Sums are what the lines ask for, by currency; lines that ask for all that is left are counted in Full.
	Sums []Sum
	Full int
}

// Refunds counts the refunds that the file asks for.
func (f File) Refunds() int { return len(f.Lines) - f.SameKey }

// Sum is what lines of one currency ask for.
type Sum struct {
	Currency string // empty for lines that do not say one
	Amount   decimal.Decimal
	Refunds  int
}

// Options says how a file is read.
type Options struct {
	// KeyPrefix begins the keys of lines that bring none. Another one makes other refunds.
	KeyPrefix string
	// DecimalComma takes 12,50 for 12.50, and no decimal point.
	DecimalComma bool
	// AllowRepeats takes a line without a key that says the same as an earlier one for a refund of its own.
	AllowRepeats bool
}

// Line is one refund to ask for.
type Line struct {
	Number      int // in the file, where it begins; the header is 1
	PaymentID   string
	LineID      string // empty if the file names none
	Amount      string // with a point; empty for all that is left
	Currency    string // empty if the file names none
	Reference   string
	Key         string
	OperationID string // what iade calls it: a hash of payment and key
	Body        []byte // of POST /refunds
}

// Fault is one thing in a file that is not as it should be.
type Fault struct {
	Line    int
	Field   string
	Value   string // what stands there, shortened; empty for texts and keys
	Message string // the same for the same mistake
	Earlier int    // the line that it goes against, 0 if none
}

// BadFile lists everything that is wrong with a file.
type BadFile struct{ Faults []Fault }

// Error counts the faults; Faults says what they are.
func (b *BadFile) Error() string { return fmt.Sprintf("%d faults in the file", len(b.Faults)) }

// Read reads a whole file: CSV in UTF-8, with commas, semicolons or tabs, the first line naming Columns. It fails with
// *BadFile if anything in it is wrong, and with another error if it cannot be read.
func Read(r io.Reader, o Options) (File, error) {
	data := &bounded{r: r, left: MaxFileBytes + 1}
	text := bufio.NewReaderSize(data, 64<<10)
	f := File{DecimalComma: o.DecimalComma}
	if mark, err := text.Peek(3); err == nil && bytes.Equal(mark, []byte("\xef\xbb\xbf")) {
		f.BOM = true
		_, _ = text.Discard(len(mark)) // it was peeked
	}
	start, err := text.Peek(4096)
	if err != nil && !errors.Is(err, io.EOF) {
		return File{}, fmt.Errorf("read file: %w", err)
	}
	if kind := notCSV(start); kind != "" {
		return File{}, &BadFile{[]Fault{{Line: 1, Field: "file", Message: kind + ": let the spreadsheet save it as \"CSV UTF-8\""}}}
	}
	first, _, _ := bytes.Cut(start, []byte("\n"))
	f.Separator = separatorOf(string(first))
	cells := csv.NewReader(text)
	cells.Comma, cells.FieldsPerRecord, cells.ReuseRecord = f.Separator, -1, true
	rows := &rows{
		csv: cells, file: &f, options: o, said: map[string]int{}, sayer: map[string]int{}, keys: map[string]keyUse{}, payments: map[string]struct{}{},
	}
	if err := rows.read(); err != nil || data.left <= 0 {
		return File{}, fmt.Errorf("read file: %w", cmp.Or(err, errTooLarge))
	}
	if len(rows.faults) > 0 {
		return File{}, &BadFile{rows.faults}
	}
	f.Payments = len(rows.payments)
	return f, nil
}

// notCSV names what a file's first bytes say it is, empty if that may be CSV.
func notCSV(start []byte) string {
	switch {
	case bytes.HasPrefix(start, []byte("PK\x03\x04")) && bytes.Contains(start[:min(len(start), 100)], []byte("opendocument")):
		return "is an OpenDocument spreadsheet (.ods), not CSV"
	case bytes.HasPrefix(start, []byte("PK\x03\x04")):
		return "is an Excel workbook (.xlsx), not CSV"
	case bytes.HasPrefix(start, []byte("\xd0\xcf\x11\xe0")):
		return "is an old Excel workbook (.xls), not CSV"
	case bytes.HasPrefix(start, []byte("%PDF")):
		return "is a PDF, not CSV"
	case bytes.IndexByte(start, 0) >= 0:
		return "is not CSV in UTF-8"
	}
	return ""
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
	options  Options
	names    []string // of the columns, in the file's order
	faults   []Fault
	said     map[string]int    // how many lines without a key said the same, by the key of the first
	sayer    map[string]int    // the first line that said so, with a key or without
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
	r.faults = append(r.faults, Fault{Line: line, Field: field, Message: message})
}

// line reads one refund.
func (r *rows) line(number int, record []string) {
	if len(record) != len(r.names) {
		r.fault(number, "line", fmt.Sprintf("has %d cells, the header has %d: a text with the separator in it needs quotation marks", len(record), len(r.names)))
		return
	}
	l, command, faults := readLine(number, r.names, record, r.options.DecimalComma)
	if len(faults) > 0 {
		r.faults = append(r.faults, faults...)
		return
	}
	if !r.makeKey(&l, command) {
		return
	}
	command.Key = l.Key
	l.OperationID = command.OperationID()
	use := keyUse{number, command.Fingerprint()}
	if earlier, ok := r.keys[l.OperationID]; !ok {
		r.keys[l.OperationID] = use
	} else if earlier.fingerprint != use.fingerprint {
		r.faults = append(r.faults, Fault{
			Line: number, Field: columnKey, Earlier: earlier.line, Message: "is the key of an earlier line too, which is another request on the payment",
		})
		return
	}
	r.count(l, command, r.keys[l.OperationID].line != number)
	r.file.Lines = append(r.file.Lines, l)
}

// count adds a line to what the file asks for, unless it is an earlier line's refund.
func (r *rows) count(l Line, command payment.Command, again bool) {
	r.payments[l.PaymentID] = struct{}{}
	switch {
	case again:
		r.file.SameKey++
		return
	case command.Full:
		r.file.Full++
		return
	}
	at := slices.IndexFunc(r.file.Sums, func(s Sum) bool { return s.Currency == l.Currency })
	if at < 0 {
		at = len(r.file.Sums)
		r.file.Sums = append(r.file.Sums, Sum{Currency: l.Currency})
	}
	sum := &r.file.Sums[at]
	sum.Amount, sum.Refunds = sum.Amount.Add(command.Amount.Decimal()), sum.Refunds+1
}

// makeKey gives a key to a line that brings none. A line that says the same as an earlier one is a fault unless repeats
// are allowed: pasted twice by mistake, it would be refunded twice.
func (r *rows) makeKey(l *Line, command payment.Command) bool {
	first := madeKey(r.options.KeyPrefix, command, 1)
	earlier, repeats := r.sayer[first]
	if !repeats {
		r.sayer[first] = l.Number
	}
	if l.Key != "" {
		return true
	}
	if repeats && !r.options.AllowRepeats {
		r.faults = append(r.faults, Fault{
			Line: l.Number, Field: "line", Earlier: earlier,
			Message: "says the same as an earlier line (payment, line, amount, reference): delete it, give it a key of its own, " +
				"or run with -allow-repeats if each is a refund of its own",
		})
		return false
	}
	r.said[first]++
	l.Key = first
	if n := r.said[first]; n > 1 {
		r.file.Repeated++
		l.Key = madeKey(r.options.KeyPrefix, command, n)
	}
	return true
}
