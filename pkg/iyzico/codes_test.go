package iyzico

import (
	"errors"
	"fmt"
	"testing"
)

// TestTheCodeTableSaysOfEachCodeWhatItsSourceAllows checks the table row by row, written down a second time.
func TestTheCodeTableSaysOfEachCodeWhatItsSourceAllows(t *testing.T) {
	t.Parallel()
	want := map[string]Outcome{}
	for outcome, numbers := range map[Outcome][]string{
		Rejected: {"3", "6", "7", "8", "11", "12", "20", "22", "23", "24", "3005", "5004", "5062", "5077", "5079", "5082", "5086", "5087", "5115", "5184", "5266", "9000", "260018",
			"10005", "10012", "10034", "10041", "10043", "10051", "10054", "10057", "10058", "10084", "10093", "10201",
			"10205", "10206", "10207", "10208", "10209", "10210", "10211", "10212", "10213", "10215", "10217", "10218", "10220", "10221",
			"10222", "10224", "10225", "10226", "10227", "10229", "10230", "10231", "10232", "10233", "10234", "10235",
			"10243", "10244", "10248"},
		NotSent: {"1000", "1001", "1002", "1003", "1004", "1006", "1007", "1009", "50000"},
		Unknown: {"1", "2", "-1", "5122", "8514", "10202", "10203", "10204", "10214", "10216", "10219", "10223", "10228", "10236", "10240", "10241", "10242", "10246"},
	} {
		for _, number := range numbers {
			want[number] = outcome
		}
	}
	for number, outcome := range want {
		row, ok := lookupCode(number)
		if !ok || row.outcome != outcome {
			t.Errorf("code %s: got %v, %t, want %v", number, row.outcome, ok, outcome)
		}
	}
	if len(codeTable) != len(want) {
		t.Errorf("%d rows, want %d: a code is there twice or is not expected", len(codeTable), len(want))
	}
	for _, row := range codeTable {
		if _, ok := want[row.number]; !ok || row.source == "" || !isCode(row.number) {
			t.Errorf("code %s: not expected, or no source: %+v", row.number, row)
		}
	}
}

// TestNotFoundIsAClosedList: two codes, read through wrapping, only as a well-formed refusal.
func TestNotFoundIsAClosedList(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]bool{
		`{"status":"failure","errorCode":"5086"}`:                  true,
		`{"status":"failure","errorCode":5087}`:                    true,
		`{"status":"failure","errorCode":"5087","retryable":true}`: false,
		`{"status":"failure","errorCode":"5087","paymentId":"1"}`:  false,
		`{"status":"failure","errorCode":"5001"}`:                  false,
		`{"status":"failure","errorCode":"5093"}`:                  false,
		`{"status":"failure","errorCode":"11"}`:                    false,
		`{"status":"failure","errorCode":"1001"}`:                  false,
		`{"status":"failure"}`:                                     false,
		`<html>`:                                                   false,
	} {
		_, err := answeringClient(t, 200, body).RetrievePayment(testContext(t), RetrievePaymentRequest{PaymentID: "25180208"})
		if err == nil || IsNotFound(err) != want || IsNotFound(fmt.Errorf("wrapped: %w", err)) != want {
			t.Errorf("%s: %v", body, err)
		}
	}
	if IsNotFound(nil) || IsNotFound(errors.New("5087")) {
		t.Error("no word of iyzico's is taken for one")
	}
}

// TestCodesListsTheTable: every row once, as the client itself judges by it.
func TestCodesListsTheTable(t *testing.T) {
	t.Parallel()
	listed := Codes()
	if len(listed) != len(codeTable) {
		t.Fatalf("%d codes listed, %d in the table", len(listed), len(codeTable))
	}
	for _, c := range listed {
		row, ok := lookupCode(c.Code)
		if !ok || row.outcome != c.Outcome || row.name != c.Name || row.source != c.Source {
			t.Errorf("%+v is listed for %+v", c, row)
		}
	}
}
