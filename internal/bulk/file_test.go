package bulk_test

import (
	"bytes"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/iade/iade/internal/bulk"
)

func read(t *testing.T, text string) bulk.File {
	t.Helper()
	f, err := bulk.Read(strings.NewReader(text), bulk.DefaultKeyPrefix)
	var bad *bulk.BadFile
	if errors.As(err, &bad) {
		t.Fatalf("%+v", bad.Faults)
	}
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func TestEveryWayOfWritingAFileReadsAsTheSameRefunds(t *testing.T) {
	t.Parallel()
	want := read(t, "paymentId,amount,reason,reference\n10000001,12.50,OTHER,seat 4\n10000002,7,FRAUD,\n")
	if len(want.Lines) != 2 || string(want.Lines[0].Body) != `{"amount":"12.50","paymentId":"10000001","reason":"OTHER","reference":"seat 4"}` {
		t.Fatalf("%+v", want.Lines)
	}
	for name, text := range map[string]string{
		"semicolons, as a Turkish Excel":  "paymentId;amount;reason;reference\n10000001;12.50;OTHER;seat 4\n10000002;7;FRAUD;\n",
		"tabs":                            "paymentId\tamount\treason\treference\n10000001\t12.50\tOTHER\tseat 4\n10000002\t7\tFRAUD\t\n",
		"byte order mark and CRLF":        "\ufeffpaymentId,amount,reason,reference\r\n10000001,12.50,OTHER,seat 4\r\n10000002,7,FRAUD,\r\n",
		"quotation marks":                 "\"paymentId\",\"amount\",\"reason\",\"reference\"\n\"10000001\",\"12.50\",OTHER,\"seat 4\"\n10000002,7,FRAUD,\n",
		"empty lines, and lines of empty": "paymentId,amount,reason,reference\n\n10000001,12.50,OTHER,seat 4\n,,,\n\n10000002,7,FRAUD,\n , ,,\n",
		"no newline at the end":           "paymentId,amount,reason,reference\n10000001,12.50,OTHER,seat 4\n10000002,7,FRAUD,",
		"spaces around":                   "paymentId , AMOUNT,Reason,reference\n 10000001 ,12.50,OTHER , seat 4\n10000002,7,FRAUD,\n",
		"another order of columns":        "reference,reason,amount,paymentId\nseat 4,OTHER,12.50,10000001\n,FRAUD,7,10000002\n",
		"columns without a use":           "paymentId,amount,reason,reference,key,full\n10000001,12.50,OTHER,seat 4,,YANLIŞ\n10000002,7,FRAUD,,,false\n",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := read(t, text)
			same := slices.EqualFunc(got.Lines, want.Lines, func(a, b bulk.Line) bool {
				return a.Key == b.Key && a.OperationID == b.OperationID && a.PaymentID == b.PaymentID && bytes.Equal(a.Body, b.Body)
			})
			if !same {
				t.Errorf("lines %+v\nwant  %+v", got.Lines, want.Lines)
			}
		})
	}
}

func TestEverythingWrongWithAFileIsListed(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		text string
		want []string // line, field
	}{
		"nothing":                  {"", []string{"1 file"}},
		"a header alone":           {"paymentId,amount\n", []string{"2 file"}},
		"no header":                {"10000001,12.50\n", []string{"1 column 1", "1 column 2", "1 paymentId", "1 amount"}},
		"unknown column":           {"paymentId,amount,mail\n", []string{"1 column 3"}},
		"a column twice":           {"paymentId,amount,Amount\n", []string{"1 amount"}},
		"neither amount nor full":  {"paymentId,reason\n", []string{"1 amount"}},
		"decimal comma, quoted":    {"paymentId,amount\n10000001,\"12,50\"\n", []string{"2 amount"}},
		"decimal comma, semicolon": {"paymentId;amount\n10000001;12,50\n", []string{"2 amount"}},
		"decimal comma, unquoted":  {"paymentId,amount\n10000001,12,50\n", []string{"2 line"}},
		"a shortened id":           {"paymentId;amount\n1,23457E+18;1\n", []string{"2 paymentId"}},
		"all faults of all lines": {
			"paymentId,paymentTransactionId,amount,full,reason,allocation,description\nx,y,0,,WHY,,\n10000001,,,true,,proportional,\n10000001,,1,true,,,\n10000001,,,maybe,,,\n10000001,,5,,,,words\n10000001,,,,,,\n",
			[]string{
				"2 paymentId", "2 paymentTransactionId", "2 amount", "2 reason", "3 allocation", "4 amount", "5 full", "5 amount", "6 description", "7 amount",
			},
		},
		"a key with a comma":            {"paymentId,amount,key\n10000001,1,\"a,b\"\n", []string{"2 key"}},
		"a key of two requests":         {"paymentId,amount,key\n10000001,1,a\n10000001,1.0,a\n10000001,2,a\n", []string{"4 key"}},
		"bad quotation marks, and more": {"paymentId,amount\n1\"2,5\n10000001,0\n10000001,1\n", []string{"2 line", "3 amount"}},
		"a quotation mark left open":    {"paymentId,amount\n10000001,1\n\"10000001,1\n10000001,1\n", []string{"3 line"}},
		"a line's end within a cell":    {"paymentId,amount,description\n10000001,1,\"a\nb\"\n10000001,0,\n", []string{"2 description", "4 amount"}},
		"not UTF-8":                     {"paymentId,amount,reference\n10000001,1,\xfe\xf0\n", []string{"2 reference"}},
		"UTF-16":                        {"\xff\xfep\x00a\x00y\x00", []string{"1 file"}},
		"a control character":           {"paymentId,amount,reference\n10000001,1,a\x07b\n", []string{"2 reference"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := bulk.Read(strings.NewReader(c.text), bulk.DefaultKeyPrefix)
			var bad *bulk.BadFile
			if !errors.As(err, &bad) {
				t.Fatalf("error %v", err)
			}
			var got []string
			for _, f := range bad.Faults {
				got = append(got, fmt.Sprintf("%d %s", f.Line, f.Field))
			}
			if !slices.Equal(got, c.want) {
				t.Errorf("faults %q\nwant   %q\n%+v", got, c.want, bad.Faults)
			}
		})
	}
}

func TestFaultsNeverRepeatTheFile(t *testing.T) {
	t.Parallel()
	_, err := bulk.Read(strings.NewReader("paymentId,amount,reason,reference,key,locale,full\n"+strings.Repeat("cAnArY,", 6)+"cAnArY\n"), "p-")
	var bad *bulk.BadFile
	if !errors.As(err, &bad) || len(bad.Faults) < 4 {
		t.Fatal(err)
	}
	if text := fmt.Sprint(bad.Faults); strings.Contains(text, "cAnArY") {
		t.Error(text)
	}
}

// TestMadeKeysNeverChange: a version that made other keys would refund old files again.
func TestMadeKeysNeverChange(t *testing.T) {
	t.Parallel()
	f := read(t, "paymentId,paymentTransactionId,amount,full,reference\n10000001,20000001,12.5,,a\n10000001,20000001,12.50,,a\n10000001,,,true,\n")
	var got []string
	for _, l := range f.Lines {
		got = append(got, l.Key)
	}
	want := []string{"bulk-lovaienhuklmg2lc3tuys4fx5m", "bulk-yobk4zjopauwz3rvmht3smlaoe", "bulk-hfnfl5af4sllnx6rk6bkxw6uwe"}
	if !slices.Equal(got, want) {
		t.Errorf("%q", got)
	}
	if f.Repeated != 1 || f.Payments != 1 {
		t.Errorf("%d repeated, %d payments", f.Repeated, f.Payments)
	}
}

func TestWhatMakesAKey(t *testing.T) {
	t.Parallel()
	const header = "paymentId,paymentTransactionId,amount,full,currency,reason,reference\n"
	base := read(t, header+"10000001,20000001,12.50,,,,a\n").Lines[0].Key
	for line, same := range map[string]bool{
		"10000001,20000001,12.5000,,,,a\n":  true,
		"10000001,20000001,12.50,,,OTHER,a": true, // refused by iade as another request, never refunded again
		"10000001,20000001,12.50,,TRY,,a":   true,
		"10000001,20000001,12.51,,,,a":      false,
		"10000001,20000001,,true,,,a":       false,
		"10000001,20000002,12.50,,,,a":      false,
		"10000001,,12.50,,,,a":              false,
		"10000002,20000001,12.50,,,,a":      false,
		"10000001,20000001,12.50,,,,b":      false,
		"10000001,20000001,12.50,,,,\n":     false,
	} {
		got, err := bulk.Read(strings.NewReader(header+line), bulk.DefaultKeyPrefix)
		if err != nil || (got.Lines[0].Key == base) != same {
			t.Errorf("%q: key %v, same %v, %v", line, got.Lines, same, err)
		}
	}
	other, err := bulk.Read(strings.NewReader(header+"10000001,20000001,12.50,,,,a\n"), "again-")
	if err != nil || other.Lines[0].Key != "again-"+strings.TrimPrefix(base, "bulk-") {
		t.Errorf("another prefix: %+v, %v", other.Lines, err)
	}
}

// TestALinesPlaceMakesNoOtherKey: a file in another order, or the rest of a file, refunds nothing twice.
func TestALinesPlaceMakesNoOtherKey(t *testing.T) {
	t.Parallel()
	const header, one, two = "paymentId,amount,reference\n", "10000001,12.50,a\n", "10000002,7,b\n"
	first, turned, rest := read(t, header+one+two).Lines, read(t, header+two+one).Lines, read(t, header+two).Lines
	if first[0].Key != turned[1].Key || first[1].Key != turned[0].Key || first[1].Key != rest[0].Key {
		t.Errorf("keys %+v, in another order %+v, of the rest %+v", first, turned, rest)
	}
}

func TestTheSameKeyAndRequestTwiceIsOneRefund(t *testing.T) {
	t.Parallel()
	f := read(t, "paymentId,amount,key\n10000001,1,a\n10000001,1.00,\"\"\"a\"\"\"\n10000002,1,a\n")
	if l := f.Lines; l[1].Key != "a" || l[0].OperationID != l[1].OperationID || l[0].OperationID == l[2].OperationID {
		t.Errorf("%+v", l)
	}
}

// endless is a file that never ends.
type endless struct{ line []byte }

func (e endless) Read(p []byte) (int, error) {
	n := 0
	for n < len(p) {
		n += copy(p[n:], e.line)
	}
	return n, nil
}

func TestALargeFileIsBounded(t *testing.T) {
	const lines = 20_000
	var text bytes.Buffer
	text.WriteString("paymentId,paymentTransactionId,amount,reason,reference\n")
	for i := range lines {
		fmt.Fprintf(&text, "%d,%d,149.90,OTHER,ticket-%d\n", 10_000_000+i, 20_000_000+i, i)
	}
	before := heap()
	f := read(t, text.String())
	if used := heap() - before; used > 12<<20 || used < 1<<20 {
		t.Errorf("%d lines keep %d kB", lines, used>>10)
	}
	if len(f.Lines) != lines || f.Payments != lines {
		t.Errorf("%d lines", len(f.Lines))
	}
}

func TestATooLargeFileIsRefused(t *testing.T) {
	t.Parallel()
	text := "paymentId,amount\n" + strings.Repeat("x\n", bulk.MaxLines+5)
	var bad *bulk.BadFile
	if _, err := bulk.Read(strings.NewReader(text), "p-"); !errors.As(err, &bad) || len(bad.Faults) != bulk.MaxLines+1 {
		t.Errorf("lines: %v", err)
	} else if last := bad.Faults[bulk.MaxLines]; last.Line != bulk.MaxLines+2 || last.Field != "file" {
		t.Errorf("lines: %+v", last)
	}
	if _, err := bulk.Read(endless{[]byte("paymentId,amount,\"")}, "p-"); err == nil || errors.As(err, &bad) {
		t.Errorf("an endless cell: %v", err)
	}
}

func heap() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}
