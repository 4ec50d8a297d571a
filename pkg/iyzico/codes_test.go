package iyzico

import "testing"

// TestCodeTableMatchesTheReference checks the table of reference §8.3 row by row, written down a second time.
func TestCodeTableMatchesTheReference(t *testing.T) {
	t.Parallel()
	want := map[string]Outcome{}
	for outcome, numbers := range map[Outcome][]string{
		Rejected: {"3", "6", "7", "8", "11", "12", "20", "22", "23", "24", "3005", "5062", "5079", "5184", "9000", "260018",
			"10005", "10012", "10034", "10041", "10043", "10051", "10054", "10057", "10058", "10084", "10093", "10201",
			"10205", "10206", "10207", "10208", "10209", "10210", "10211", "10212", "10213", "10215", "10217", "10218", "10220", "10221",
			"10222", "10223", "10224", "10225", "10226", "10227", "10229", "10230", "10231", "10232", "10233", "10234", "10235",
			"10243", "10244", "10246", "10248"},
		NotSent: {"1000", "1001", "1002", "1003", "1006", "50000"},
		Unknown: {"1", "2", "-1", "5122", "10202", "10203", "10204", "10214", "10216", "10219", "10228", "10236", "10240", "10241", "10242"},
	} {
		for _, number := range numbers {
			want[number] = outcome
		}
	}
	for number, outcome := range want {
		row, ok := lookupCode(number)
		if !ok || row.verdict != outcome {
			t.Errorf("code %s: got %v, %t, want %v", number, row.verdict, ok, outcome)
		}
	}
	for number, row := range codeTable {
		if _, ok := want[number]; !ok {
			t.Errorf("code %s is not in the reference", number)
		}
		if row.source == "" || row.reason == "" || row.number != number || !isCode(number) {
			t.Errorf("code %s: incomplete row %+v", number, row)
		}
	}
}
