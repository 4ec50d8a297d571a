package storetest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/iade/iade/internal/dayclose"
	"github.com/iade/iade/internal/payment"
)

// RunDays checks every promise of dayclose.Store. open gives an empty store and closes it with the test.
func RunDays(t *testing.T, open func(t *testing.T) dayclose.Store) {
	for _, promise := range []struct {
		name  string
		check func(t *testing.T, s dayclose.Store)
	}{
		{"a day that was never saved", dayOfNothing},
		{"a day comes back as it was", dayComesBack},
		{"of two saves of one revision one wins", dayConflict},
		{"days are listed by date, both ends included", daysInRange},
		{"a day with all differences that are kept", dayLarge},
		{"parts are those of their reading, by name", dayParts},
		{"a cancelled context is honoured", dayCancelled},
	} {
		t.Run(promise.name, func(t *testing.T) {
			t.Parallel()
			promise.check(t, open(t))
		})
	}
}

func sampleDay(date payment.Day, revision int64) dayclose.Record {
	return dayclose.Record{
		Revision: revision, Reading: at(5), Unpublished: true,
		Day: dayclose.Day{
			Date: date, Status: dayclose.StatusDiffers, ClosedAt: at(3), ReadAt: at(2), Provisional: true, Reason: "çok uzun",
			Iyzico:  dayclose.Sums{"refund": {"TRY": {Count: 2, Amount: "10.30599401"}}},
			Iade:    dayclose.Sums{"refund": {"TRY": {Count: 1, Amount: "10.00"}}},
			Settled: []string{"rf_1_abcdefghijklmnop"}, DifferenceCount: 1,
			Differences: []dayclose.Difference{{
				Kind: dayclose.AmountDiffers, PaymentID: "1", PaymentTransactionID: "11", OperationID: "rf_1_abcdefghijklmnop",
				Currency: "TRY", IyzicoAmount: "10.30599401", IadeAmount: "10.00", At: at(1), NotReadAgain: true,
			}},
		},
	}
}

func mustSaveDay(t *testing.T, s dayclose.Store, r dayclose.Record) {
	t.Helper()
	if err := s.SaveDay(t.Context(), r); err != nil {
		t.Fatal(err)
	}
}

func dayIs(t *testing.T, s dayclose.Store, want dayclose.Record) {
	t.Helper()
	got, err := s.Day(t.Context(), want.Day.Date)
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Errorf("%v (- saved, + read):\n%s", err, diff)
	}
}

func dayOfNothing(t *testing.T, s dayclose.Store) {
	if got, err := s.Day(t.Context(), "2031-03-10"); got.Revision != 0 || err != nil {
		t.Errorf("%+v, %v", got, err)
	}
	if got, err := s.Days(t.Context(), "2031-01-01", "2031-12-31"); len(got) > 0 || err != nil {
		t.Errorf("%v, %v", got, err)
	}
	if got, err := s.Parts(t.Context(), "2031-03-10", at(1)); len(got) > 0 || err != nil {
		t.Errorf("%v, %v", got, err)
	}
}

func dayComesBack(t *testing.T, s dayclose.Store) {
	first := sampleDay("2031-03-10", 1)
	mustSaveDay(t, s, first)
	dayIs(t, s, first)
	next := sampleDay("2031-03-10", 2)
	next.Day.Status, next.Day.Differences, next.Reading, next.Unpublished = dayclose.StatusClosed, []dayclose.Difference{}, time.Time{}, false
	mustSaveDay(t, s, next)
	dayIs(t, s, next)
}

func dayConflict(t *testing.T, s dayclose.Store) {
	first := sampleDay("2031-03-10", 1)
	mustSaveDay(t, s, first)
	mustSaveDay(t, s, sampleDay("2031-03-10", 2))
	for _, revision := range []int64{1, 2, 4} {
		other := sampleDay("2031-03-10", revision)
		other.Day.Reason = "somebody else's"
		if err := s.SaveDay(t.Context(), other); !errors.Is(err, dayclose.ErrConflict) {
			t.Errorf("revision %d: %v", revision, err)
		}
	}
	if err := s.SaveDay(t.Context(), sampleDay("2031-03-11", 2)); !errors.Is(err, dayclose.ErrConflict) {
		t.Errorf("the second revision without a first: %v", err)
	}
	dayIs(t, s, sampleDay("2031-03-10", 2))
}

func daysInRange(t *testing.T, s dayclose.Store) {
	for _, date := range []payment.Day{"2031-03-11", "2030-12-31", "2031-03-09", "2031-03-10", "2031-03-12"} {
		mustSaveDay(t, s, sampleDay(date, 1))
	}
	got, err := s.Days(t.Context(), "2031-03-09", "2031-03-11")
	want := []dayclose.Record{sampleDay("2031-03-09", 1), sampleDay("2031-03-10", 1), sampleDay("2031-03-11", 1)}
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Errorf("%v (- want, + got):\n%s", err, diff)
	}
}

func dayLarge(t *testing.T, s dayclose.Store) {
	large := sampleDay("2031-03-10", 1)
	one := large.Day.Differences[0]
	large.Day.Differences = nil
	for i := range dayclose.MostNamed {
		x := one
		x.PaymentID = fmt.Sprint(1234567890123456789 - i*7919)
		x.OperationID = fmt.Sprintf("rf_%s_%016d", x.PaymentID, i)
		large.Day.Differences = append(large.Day.Differences, x)
		large.Day.Settled = append(large.Day.Settled, x.OperationID)
	}
	mustSaveDay(t, s, large)
	dayIs(t, s, large)
}

func dayParts(t *testing.T, s dayclose.Store) {
	part := func(date payment.Day, reading time.Time, name string, data []byte) dayclose.Part {
		p := dayclose.Part{Date: date, Reading: reading, Name: name, Data: data}
		if err := s.SavePart(t.Context(), p); err != nil {
			t.Fatal(err)
		}
		return p
	}
	mustSaveDay(t, s, sampleDay("2031-03-10", 1))
	long := bytes.Repeat([]byte(`{"k":"refund","t":"50000001","p":"20000001","a":"10.00"},`), 2_000)
	second := part("2031-03-10", at(5), "list-000026", long)
	part("2031-03-10", at(5), "list-000001", []byte(`{"first":1}`))
	first := part("2031-03-10", at(5), "list-000001", []byte(`{"first":1,"again":true}`))
	third := part("2031-03-10", at(5), "reread-000001", []byte(`[]`))
	part("2031-03-10", at(4), "list-000001", []byte("another reading's"))
	part("2031-03-11", at(5), "list-000001", []byte("another day's"))
	got, err := s.Parts(t.Context(), "2031-03-10", at(5))
	if diff := cmp.Diff([]dayclose.Part{first, second, third}, got); diff != "" || err != nil {
		t.Errorf("%v (- want, + got):\n%s", err, strings.ToValidUTF8(diff, "?"))
	}
	// Once no reading is under way the parts may go, but nothing else does.
	over := sampleDay("2031-03-10", 2)
	over.Reading = time.Time{}
	mustSaveDay(t, s, over)
	dayIs(t, s, over)
	if got, err := s.Parts(t.Context(), "2031-03-11", at(5)); len(got) != 1 || err != nil {
		t.Errorf("the other day's: %v, %v", got, err)
	}
}

func dayCancelled(t *testing.T, s dayclose.Store) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, day := s.Day(ctx, "2031-03-10")
	_, days := s.Days(ctx, "2031-03-10", "2031-03-11")
	_, parts := s.Parts(ctx, "2031-03-10", at(1))
	for name, err := range map[string]error{
		"Day": day, "Days": days, "Parts": parts, "SaveDay": s.SaveDay(ctx, sampleDay("2031-03-10", 1)),
		"SavePart": s.SavePart(ctx, dayclose.Part{Date: "2031-03-10", Reading: at(1), Name: "list-000001"}),
	} {
		if err == nil {
			t.Errorf("%s goes on", name)
		}
	}
}
