package payment_test

import (
	"bytes"
	"compress/gzip"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/shopspring/decimal"

	"github.com/iade/iade/internal/money"
	"github.com/iade/iade/internal/payment"
	"github.com/iade/iade/internal/test/storetest"
)

var update = flag.Bool("update", false, "write the golden files anew")

// filled is an account in which no field of any struct has its zero value, each another one.
func filled(t *testing.T) payment.Account {
	t.Helper()
	var a payment.Account
	n := int64(0)
	var fill func(v reflect.Value, path string)
	fill = func(v reflect.Value, path string) {
		n++
		switch v.Interface().(type) {
		case time.Time:
			v.Set(reflect.ValueOf(opening.Add(time.Duration(n) * time.Second)))
			return
		case money.Amount:
			v.Set(reflect.ValueOf(money.New(decimal.New(n, -8), money.TRY)))
			return
		}
		switch v.Kind() {
		case reflect.String:
			v.SetString(fmt.Sprint("text", n))
		case reflect.Int, reflect.Int64:
			v.SetInt(n)
		case reflect.Bool:
			v.SetBool(true)
		case reflect.Pointer:
			v.Set(reflect.New(v.Type().Elem()))
			fill(v.Elem(), path)
		case reflect.Slice:
			v.Set(reflect.MakeSlice(v.Type(), 2, 2))
			fill(v.Index(0), path+"[0]")
			fill(v.Index(1), path+"[1]")
		case reflect.Struct:
			for i := range v.NumField() {
				fill(v.Field(i), path+"."+v.Type().Field(i).Name)
			}
		default:
			t.Fatalf("%s: a %s has no sample", path, v.Type())
		}
	}
	fill(reflect.ValueOf(&a).Elem(), "Account")
	a.Currency = money.TRY
	for i := range a.Past {
		a.Past[i].Kind, a.Past[i].Status = payment.KindRefund, payment.StatusSucceeded
	}
	for i := range a.Operations {
		op := &a.Operations[i]
		op.Kind, op.Destination, op.Allocation, op.ChargedTo = payment.KindRefund, payment.ToCard, payment.AllocateInOrder, payment.ChargedToMerchant
		op.Refusal.Code, op.Resolution.Decision = payment.CodeExceedsRefundable, payment.DecideSucceeded
		for j := range op.Legs {
			op.Legs[j].API, op.Legs[j].State = payment.APIRefundV2, payment.StateUnknown
		}
	}
	return a
}

func TestEveryFieldSurvivesTheStore(t *testing.T) {
	t.Parallel()
	want := filled(t)
	got, err := payment.DecodeAccount(encode(t, want))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got, cmp.Comparer(money.Amount.Equal)); diff != "" {
		t.Errorf("what was stored differs from what comes back (-stored +read):\n%s", diff)
	}
	if again := encode(t, got); !bytes.Equal(again, encode(t, want)) {
		t.Error("the stored form is not stable")
	}
}

// apart encodes an account and its operations by themselves.
func apart(t *testing.T, a payment.Account) (account []byte, operations [][]byte) {
	t.Helper()
	account, err := payment.EncodeApart(a)
	if err != nil {
		t.Fatal(err)
	}
	for i := range a.Operations {
		operation, err := payment.EncodeOperation(a.Operations[i])
		if err != nil {
			t.Fatal(err)
		}
		operations = append(operations, operation)
	}
	return account, operations
}

// TestThePartsOfAnAccountAreTheWhole: a store that keeps the operations beside the account reads back the same, and nothing less.
func TestThePartsOfAnAccountAreTheWhole(t *testing.T) {
	t.Parallel()
	want := filled(t)
	account, operations := apart(t, want)
	got, err := payment.DecodeApart(account, operations)
	if diff := cmp.Diff(want, got, cmp.Comparer(money.Amount.Equal)); err != nil || diff != "" {
		t.Fatalf("%v (-stored +read):\n%s", err, diff)
	}
	whole := encode(t, want)
	if got, err := payment.DecodeApart(whole, nil); err != nil || !bytes.Equal(encode(t, got), whole) {
		t.Errorf("a whole account has no parts: %v", err)
	}
	for name, read := range map[string]func() (payment.Account, error){
		"no operations":  func() (payment.Account, error) { return payment.DecodeApart(account, nil) },
		"one is missing": func() (payment.Account, error) { return payment.DecodeApart(account, operations[1:]) },
		"one too many": func() (payment.Account, error) {
			return payment.DecodeApart(account, append(operations, operations[0]))
		},
		"one is cut": func() (payment.Account, error) {
			return payment.DecodeApart(account, [][]byte{operations[0], operations[1][1:]})
		},
		"one is unknown": func() (payment.Account, error) {
			return payment.DecodeApart(account, [][]byte{operations[0], bytes.Replace(operations[1], []byte(`"k":"refund"`), []byte(`"k":"gift"`), 1)})
		},
		"beside the whole": func() (payment.Account, error) { return payment.DecodeApart(whole, operations) },
		"read as a whole":  func() (payment.Account, error) { return payment.DecodeAccount(account) },
		"a form that counts and is whole": func() (payment.Account, error) {
			return payment.DecodeAccount(bytes.Replace(whole, []byte(`"f":2`), []byte(`"f":2,"oa":2`), 1))
		},
	} {
		if a, err := read(); err == nil || !reflect.DeepEqual(a, payment.Account{}) {
			t.Errorf("%s: %d operations, %v", name, len(a.Operations), err)
		}
	}
}

func TestTheZeroAccountSurvivesTheStore(t *testing.T) {
	t.Parallel()
	got, err := payment.DecodeAccount(encode(t, payment.Account{}))
	if err != nil || !reflect.DeepEqual(got, payment.Account{}) {
		t.Errorf("%+v, %v", got, err)
	}
}

// TestEncodingAnAccountTakesFewAllocations: it is written with every save, and encoding/json takes 28 an operation.
func TestEncodingAnAccountTakesFewAllocations(t *testing.T) {
	a := storetest.Largest("PAYMENT#1", 10)
	a.Lines = a.Lines[:1]
	for i := range a.Operations {
		a.Operations[i].Legs[0].Failure = nil
	}
	encoding := testing.AllocsPerRun(20, func() {
		if _, err := payment.EncodeAccount(a); err != nil {
			t.Error(err)
		}
	})
	if most := 10.0 * float64(len(a.Operations)); encoding > most {
		t.Errorf("%.0f allocations for %d operations", encoding, len(a.Operations))
	}
}

// TestTheStoredFormIsTheGoldenOne: tables outlive programs. A change here needs a new format number, or a reader that
// takes both forms.
func TestTheStoredFormIsTheGoldenOne(t *testing.T) {
	t.Parallel()
	file := filepath.Join("testdata", "account.json")
	got := append(encode(t, filled(t)), '\n')
	if *update {
		if err := os.WriteFile(file, got, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("stored form\n%s\nwant\n%s", got, want)
	}
	if _, err := payment.DecodeAccount(want); err != nil {
		t.Error(err)
	}
}

func TestANewerOrBrokenFormIsRefused(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"", "{}", "null", "[]", `{"f":3,"id":"PAYMENT#1","v":1}`, `{"f":0,"id":"PAYMENT#1","v":1}`, `{"f":1,"id":"PAYMENT#1","v":1} x`, `{"f":1,"v":"1"}`,
		`{"f":1,"id":"PAYMENT#1","v":1,"l":[{"id":"1","p":"ten"}]}`, `{"f":1,"o":[{"ca":"yesterday"}]}`,
	} {
		if a, err := payment.DecodeAccount([]byte(text)); err == nil {
			t.Errorf("%s gave %+v", text, a)
		}
	}
}

// ordinary is a refund as most are: one leg, answered, then seen in a report.
func ordinary(t *testing.T) *story {
	t.Helper()
	c := onLine(refund("5f0c6a1e-6c0e-4f0a-9f57-0d8f3c1f2b11", "125.5"), "1")
	c.Reference, c.Reason = "order-20310310-000123", "BUYER_REQUEST"
	s := newStory(t, "100000").ask(c).answer(succeeded)
	return s.lists(payment.ConversationID(c.OperationID(), 1), "1", "125.5", 1).pass(time.Minute).read()
}

func TestAnOrdinaryOperationTakesAboutFiveHundredBytes(t *testing.T) {
	t.Parallel()
	s := ordinary(t)
	with := len(encode(t, s.account))
	s.account.Operations = nil
	size := with - len(encode(t, s.account))
	t.Logf("an ordinary operation takes %d bytes", size)
	if size > 600 {
		t.Errorf("an operation takes %d bytes", size)
	}
}

// TestAFullAccountFitsTheStore: DynamoDB's items have at most 400 KB; stores may pack what is long.
func TestAFullAccountFitsTheStore(t *testing.T) {
	t.Parallel()
	s := ordinary(t)
	s.repeat(s.account.Operations[0].Key, payment.MaxLegs-1)
	for i := range s.account.Operations {
		op := &s.account.Operations[i]
		op.Fingerprint = onLine(refund(op.Key, "125.5"), "1").Fingerprint()
	}
	data := encode(t, s.account)
	var packed bytes.Buffer
	w := gzip.NewWriter(&packed)
	if _, err := w.Write(data); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	t.Logf("%d operations take %d bytes, packed %d", len(s.account.Operations), len(data), packed.Len())
	if len(data) > 300_000 || packed.Len() > 100_000 {
		t.Errorf("%d operations take %d bytes, packed %d", len(s.account.Operations), len(data), packed.Len())
	}
}

func FuzzDecodeAccount(f *testing.F) {
	f.Add([]byte(`{"f":1,"id":"PAYMENT#1","v":1}`))
	f.Add([]byte(`{"f":1,"id":"PAYMENT#1","v":7,"p":"1","c":"TRY","l":[{"id":"1","p":"33.33333333"}],"o":[{"id":"rf_1_aaaaaaaaaaaaaaaa",` +
		`"k":"refund","key":"k","fp":"f","a":"10","g":[{"api":"refund_v2","a":"10","s":"succeeded","n":1}],"ca":"2031-03-10T09:00:00Z","ua":"2031-03-10T09:00:00Z"}]}`))
	if golden, err := os.ReadFile(filepath.Join("testdata", "account.json")); err == nil {
		f.Add(golden)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		if hugeExponent(data) {
			t.Skip("no amount of ours has an exponent, and one of 10^9 digits only fills the memory")
		}
		a, err := payment.DecodeAccount(data)
		if err != nil {
			return
		}
		once, err := payment.EncodeAccount(a)
		if err != nil {
			return // a year that JSON cannot hold
		}
		again, err := payment.DecodeAccount(once)
		if err != nil {
			t.Fatalf("what was encoded does not decode: %v\n%s", err, once)
		}
		twice, err := payment.EncodeAccount(again)
		if err != nil || !bytes.Equal(once, twice) {
			t.Fatalf("not stable: %v\n%s\n%s", err, once, twice)
		}
		account, operations := apart(t, again)
		parts, err := payment.DecodeApart(account, operations)
		if whole, encodeErr := payment.EncodeAccount(parts); err != nil || encodeErr != nil || !bytes.Equal(whole, twice) {
			t.Fatalf("the parts are not the whole: %v, %v\n%s\n%s", err, encodeErr, twice, whole)
		}
		a.DueAt()
		a.View(0, time.Time{})
	})
}

// hugeExponent tells whether the text holds a number like 1e1000.
func hugeExponent(data []byte) bool {
	for i, b := range data {
		if (b == 'e' || b == 'E') && i > 0 && i+1 < len(data) && strings.ContainsRune("0123456789.", rune(data[i-1])) &&
			strings.ContainsRune("0123456789+-", rune(data[i+1])) {
			return true
		}
	}
	return false
}

// TestATimeThatNoStoreCanReadAgainIsNotWritten: RFC 3339 has years of four digits.
func TestATimeThatNoStoreCanReadAgainIsNotWritten(t *testing.T) {
	t.Parallel()
	for _, year := range []int{-1, 10000} {
		paid := payment.Account{ID: "PAY#1", PaidAt: time.Date(year, 1, 1, 0, 0, 0, 0, time.UTC)}
		if data, err := payment.EncodeAccount(paid); err == nil || data != nil || !strings.Contains(err.Error(), "PAY#1") {
			t.Errorf("the year %d: %s, %v", year, data, err)
		}
	}
}
