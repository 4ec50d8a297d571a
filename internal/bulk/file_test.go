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

// usual is how a file is read without flags; own is the same with another prefix.
var (
	usual = bulk.Options{KeyPrefix: bulk.DefaultKeyPrefix}
	own   = bulk.Options{KeyPrefix: "p-"}
)

func read(t *testing.T, text string) bulk.File {
	t.Helper()
	f, err := bulk.Read(strings.NewReader(text), usual)
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
			_, err := bulk.Read(strings.NewReader(c.text), usual)
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

// TestFaultsQuoteTheValueAndNoTexts: customers' names stand in texts, and keys are nobody's business.
func TestFaultsQuoteTheValueAndNoTexts(t *testing.T) {
	t.Parallel()
	const long = "12345678901234567890123456789012345678901234567890"
	_, err := bulk.Read(strings.NewReader("paymentId,amount,reference,description,key,reason\nx7,1.250,\"cAnArY\a\",cAnArY,\"cAnArY,\",WHY\n1,"+long+",,,,\n1,\"1\a\",,,,\n"), own)
	var bad *bulk.BadFile
	if !errors.As(err, &bad) {
		t.Fatal(err)
	}
	got := map[string]string{}
	for _, f := range bad.Faults {
		got[fmt.Sprintf("%d %s", f.Line, f.Field)] = f.Value
	}
	want := map[string]string{
		"2 paymentId": "x7", "2 amount": "1.250", "2 reference": "", "2 description": "", "2 key": "", "2 reason": "WHY",
		"3 amount": long[:40] + "…", "4 amount": "1\ufffd",
	}
	for at, value := range want {
		if said, ok := got[at]; ok != (at != "2 description") || said != value {
			t.Errorf("%s: %q, want %q", at, said, value)
		}
	}
	if text := fmt.Sprint(bad.Faults); strings.Contains(text, "cAnArY") {
		t.Error(text)
	}
}

// TestAmountsThatTwoReadersTakeForTwoSumsAreRefused: 1.250 is 1250 in Turkish and 1.25 in English.
func TestAmountsThatTwoReadersTakeForTwoSumsAreRefused(t *testing.T) {
	t.Parallel()
	for amount, want := range map[string]struct{ point, comma string }{ // what the body says; empty = refused
		"12.50": {"12.50", ""}, "12,50": {"", "12.50"}, "1250": {"1250", "1250"}, "12.5": {"12.5", ""}, "12,5": {"", "12.5"},
		"1.250": {}, "1,250": {}, "0.125": {}, "1.250,00": {}, "1,250.00": {}, "1.250.000": {}, "12.5000": {"12.5000", ""}, "12,50,1": {}, "1 250": {}, "12.50 TL": {},
	} {
		for comma, body := range map[bool]string{false: want.point, true: want.comma} {
			f, err := bulk.Read(strings.NewReader("paymentId;amount\n1;"+amount+"\n"), bulk.Options{KeyPrefix: "p-", DecimalComma: comma})
			var bad *bulk.BadFile
			switch {
			case body == "" && (!errors.As(err, &bad) || bad.Faults[0].Field != "amount" || bad.Faults[0].Value != amount):
				t.Errorf("%s, comma %v: %+v, %v", amount, comma, f, err)
			case body != "" && (err != nil || !strings.Contains(string(f.Lines[0].Body), `"amount":"`+body+`"`)):
				t.Errorf("%s, comma %v: %+v, %v", amount, comma, f, err)
			}
		}
	}
}

// TestTheDecimalSignMakesNoOtherKey: the same refunds saved by a Turkish and by an English spreadsheet are the same refunds.
func TestTheDecimalSignMakesNoOtherKey(t *testing.T) {
	t.Parallel()
	point := read(t, "paymentId;amount\n1;12.50\n")
	comma, err := bulk.Read(strings.NewReader("paymentId;amount\n1;12,50\n"), bulk.Options{KeyPrefix: bulk.DefaultKeyPrefix, DecimalComma: true})
	if err != nil || comma.Lines[0].Key != point.Lines[0].Key || string(comma.Lines[0].Body) != string(point.Lines[0].Body) {
		t.Errorf("%+v, %v", comma, err)
	}
}

func TestALineThatSaysTheSameIsRefusedUnlessItHasAKeyOrRepeatsAreAllowed(t *testing.T) {
	t.Parallel()
	const header = "paymentId,paymentTransactionId,amount,full,reason,reference,key\n"
	for name, c := range map[string]struct {
		lines   string
		repeats int // the line at fault, 0 = none
	}{
		"pasted twice":                      {"1,2,12.50,,,a,\n1,2,12.50,,,a,\n", 3},
		"the amount written otherwise":      {"1,2,12.50,,,a,\n1,2,12.5,,,a,\n", 3},
		"another reason":                    {"1,2,12.50,,OTHER,a,\n1,2,12.50,,FRAUD,a,\n", 3},
		"full twice":                        {"1,,,true,,,\n1,,,true,,,\n", 3},
		"a key on the second":               {"1,2,12.50,,,a,\n1,2,12.50,,,a,k\n", 0},
		"a key on the first alone":          {"1,2,12.50,,,a,k\n1,2,12.50,,,a,\n", 3},
		"a key on each":                     {"1,2,12.50,,,a,k\n1,2,12.50,,,a,l\n", 0},
		"another reference":                 {"1,2,12.50,,,a,\n1,2,12.50,,,b,\n", 0},
		"another payment":                   {"1,2,12.50,,,a,\n2,2,12.50,,,a,\n", 0},
		"far apart, with others in between": {"1,2,12.50,,,a,\n2,,1,,,,\n3,,1,,,,\n1,2,12.50,,,a,\n", 5},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f, err := bulk.Read(strings.NewReader(header+c.lines), usual)
			var bad *bulk.BadFile
			refused := errors.As(err, &bad)
			if refused != (c.repeats > 0) || refused && (len(bad.Faults) != 1 || bad.Faults[0].Line != c.repeats || bad.Faults[0].Earlier != 2) {
				t.Errorf("%+v, %v, %+v", f, err, bad)
			}
			f, err = bulk.Read(strings.NewReader(header+c.lines), bulk.Options{KeyPrefix: bulk.DefaultKeyPrefix, AllowRepeats: true})
			if err != nil {
				t.Fatal(err)
			}
			ids := map[string]bool{}
			for _, l := range f.Lines {
				ids[l.OperationID] = true
			}
			if len(ids) != len(f.Lines) {
				t.Errorf("%d refunds of %d lines", len(ids), len(f.Lines))
			}
		})
	}
}

func TestAFileSaysHowMuchItAsksFor(t *testing.T) {
	t.Parallel()
	f := read(t, "paymentId,amount,full,currency,key\n1,0.10,,TRY,\n2,0.20,,TRY,\n3,5,,EUR,\n4,1.25,,,\n5,,true,TRY,\n6,7,,TRY,k\n6,7.00,,TRY,k\n")
	var got []string
	for _, s := range f.Sums {
		got = append(got, fmt.Sprintf("%s %s in %d", s.Amount.StringFixed(2), s.Currency, s.Refunds))
	}
	if want := []string{"7.30 TRY in 3", "5.00 EUR in 1", "1.25  in 1"}; !slices.Equal(got, want) || f.Full != 1 || f.SameKey != 1 || f.Refunds() != 6 {
		t.Errorf("%q, full %d, same key %d, refunds %d", got, f.Full, f.SameKey, f.Refunds())
	}
}

func TestFilesThatAreNoCSVAreNamedForWhatTheyAre(t *testing.T) {
	t.Parallel()
	for start, want := range map[string]string{
		"PK\x03\x04\x14\x00\x06\x00[Content_Types].xml":                                    ".xlsx",
		"PK\x03\x04\x14\x00\x00\x00mimetypeapplication/vnd.oasis.opendocument.spreadsheet": ".ods",
		"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1":                                                 ".xls)", "%PDF-1.7\n": "PDF", "\xff\xfep\x00a\x00": "UTF-8",
	} {
		_, err := bulk.Read(strings.NewReader(start), own)
		var bad *bulk.BadFile
		if !errors.As(err, &bad) || len(bad.Faults) != 1 || !strings.Contains(bad.Faults[0].Message, want) || !strings.Contains(bad.Faults[0].Message, "CSV UTF-8") {
			t.Errorf("%q: %v %+v", start, err, bad)
		}
	}
}

// TestMadeKeysNeverChange: a version that made other keys would refund old files again.
func TestMadeKeysNeverChange(t *testing.T) {
	t.Parallel()
	const text = "paymentId,paymentTransactionId,amount,full,reference\n10000001,20000001,12.5,,a\n10000001,20000001,12.50,,a\n10000001,,,true,\n"
	f, err := bulk.Read(strings.NewReader(text), bulk.Options{KeyPrefix: bulk.DefaultKeyPrefix, AllowRepeats: true})
	if err != nil {
		t.Fatal(err)
	}
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
		got, err := bulk.Read(strings.NewReader(header+line), usual)
		if err != nil || (got.Lines[0].Key == base) != same {
			t.Errorf("%q: key %v, same %v, %v", line, got.Lines, same, err)
		}
	}
	other, err := bulk.Read(strings.NewReader(header+"10000001,20000001,12.50,,,,a\n"), bulk.Options{KeyPrefix: "again-"})
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
	if _, err := bulk.Read(strings.NewReader(text), own); !errors.As(err, &bad) || len(bad.Faults) != bulk.MaxLines+1 {
		t.Errorf("lines: %v", err)
	} else if last := bad.Faults[bulk.MaxLines]; last.Line != bulk.MaxLines+2 || last.Field != "file" {
		t.Errorf("lines: %+v", last)
	}
	if _, err := bulk.Read(endless{[]byte("paymentId,amount,\"")}, own); err == nil || errors.As(err, &bad) {
		t.Errorf("an endless cell: %v", err)
	}
}

func heap() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}
