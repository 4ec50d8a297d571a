package storetest

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/shopspring/decimal"

	"github.com/iade/iade/internal/money"
	"github.com/iade/iade/internal/payment"
)

// mostOperations is the most legs that one payment may have, each in an operation of its own.
const mostOperations = 500

func loadOfNothing(t *testing.T, s Store) {
	for _, id := range []payment.AccountID{"PAYMENT#1", "FUND#fp_aaaaaaaaaaaaaaaaaaaaaaaaaa"} {
		same(t, mustLoad(t, s, id), payment.Account{ID: id})
	}
}

func loadGivesACopy(t *testing.T, s Store) {
	saved := Full(t, "PAYMENT#1")
	mustSave(t, s, saved)
	saved.Operations[0].Legs[0].State = "changed after the save"
	loaded := mustLoad(t, s, saved.ID)
	loaded.Lines[0].ID = "changed after the load"
	same(t, mustLoad(t, s, saved.ID), Full(t, saved.ID))
}

func everyField(t *testing.T, s Store) {
	for _, id := range []payment.AccountID{"PAYMENT#25180188", "FUND#fp_aaaaaaaaaaaaaaaaaaaaaaaaaa"} {
		want := Full(t, id)
		mustSave(t, s, want)
		same(t, mustLoad(t, s, id), want)
	}
}

func amounts(t *testing.T, s Store) {
	want := Due("PAYMENT#1", at(1))
	want.Lines = nil
	for _, text := range []string{
		"33.33333333", "33.33333334", "0.00000001", "0", "0.00", "1.00000000", "999999999999.99", "-0.01",
		"123456789012345678901234567890.12345678",
	} {
		want.Lines = append(want.Lines, payment.Line{ID: text, PaidAmount: money.New(decimal.RequireFromString(text), money.TRY)})
	}
	mustSave(t, s, want)
	got := mustLoad(t, s, want.ID)
	same(t, got, want)
	for _, line := range got.Lines {
		if line.PaidAmount.Currency() != money.TRY {
			t.Errorf("%s came back in %q", line.ID, line.PaidAmount.Currency())
		}
	}
}

func emptyAccount(t *testing.T, s Store) {
	want := payment.Account{ID: "PAYMENT#1", Version: 1}
	mustSave(t, s, want)
	same(t, mustLoad(t, s, want.ID), want)
}

func largestAccount(t *testing.T, s Store) {
	want := Largest("PAYMENT#1", mostOperations)
	mustSave(t, s, want)
	want.Version++
	want.Operations[mostOperations-1].Alarmed = true
	mustSave(t, s, want)
	got := mustLoad(t, s, want.ID)
	if n := len(got.Operations); n != mostOperations || got.Version != want.Version {
		t.Fatalf("%d operations at version %d came back", n, got.Version)
	}
	for i := range want.Operations {
		if !cmp.Equal(want.Operations[i], got.Operations[i], cmpopts.EquateEmpty()) {
			t.Fatalf("operation %d differs:\n%s", i, cmp.Diff(want.Operations[i], got.Operations[i], cmpopts.EquateEmpty()))
		}
	}
}

func isolation(t *testing.T, s Store) {
	ids := []payment.AccountID{"PAYMENT#1", "PAYMENT#10", "PAYMENT#11", "PAYMENT#", "FUND#1", "payment#1"}
	for i, id := range ids {
		a := Due(id, at(i))
		a.Operations[0].Reference = string(id)
		mustSave(t, s, a)
	}
	changed := Due(ids[0], at(7))
	changed.Version = 2
	mustSave(t, s, changed)
	same(t, mustLoad(t, s, ids[0]), changed)
	for i, id := range ids[1:] {
		want := Due(id, at(i+1))
		want.Operations[0].Reference = string(id)
		same(t, mustLoad(t, s, id), want)
	}
}
