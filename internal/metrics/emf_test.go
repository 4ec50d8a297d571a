package metrics

import (
	"bytes"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

// document is a line as CloudWatch's specification of the embedded metric format has it.
type document struct {
	Timestamp string
	Level     string
	Message   string
	RequestID string `json:"requestId"`
	AWS       struct {
		Timestamp         int64
		CloudWatchMetrics []struct {
			Namespace  string
			Dimensions [][]string
			Metrics    []struct{ Name, Unit string }
		}
	} `json:"_aws"`
}

var written = time.Date(2031, 3, 10, 9, 30, 0, 5e6, time.UTC)

func recorded(count func(*Recorder)) (*Recorder, *bytes.Buffer) {
	var out bytes.Buffer
	r := New("iade/stack", "refund", &out, func() time.Time { return written })
	count(r)
	return r, &out
}

// read checks each line against the specification and gives its members.
func read(t *testing.T, out []byte) []map[string]any {
	t.Helper()
	var all []map[string]any
	for line := range bytes.Lines(out) {
		var d document
		members := map[string]any{}
		strict := json.NewDecoder(bytes.NewReader(line))
		if err := strict.Decode(&d); err != nil {
			t.Fatalf("%v: %s", err, line)
		}
		if err := json.Unmarshal(line, &members); err != nil {
			t.Fatal(err)
		}
		if d.AWS.Timestamp != written.UnixMilli() || d.Timestamp != "2031-03-10T09:30:00.005Z" || d.Level != "INFO" || d.Message != "metrics" {
			t.Errorf("%s", line)
		}
		if len(d.AWS.CloudWatchMetrics) != 1 || len(d.AWS.CloudWatchMetrics[0].Dimensions) != 1 {
			t.Fatalf("directives: %s", line)
		}
		directive := d.AWS.CloudWatchMetrics[0]
		if directive.Namespace != "iade/stack" || len(directive.Metrics) == 0 || len(directive.Metrics) > mostMetrics || len(directive.Dimensions[0]) > mostDimensions {
			t.Errorf("%s", line)
		}
		known := []string{"timestamp", "level", "message", "requestId", "_aws"}
		for _, dimension := range directive.Dimensions[0] {
			if text, ok := members[dimension].(string); !ok || text == "" {
				t.Errorf("dimension %s: %s", dimension, line)
			}
			known = append(known, dimension)
		}
		for _, m := range directive.Metrics {
			switch value := members[m.Name].(type) {
			case float64:
			case []any:
				if len(value) > mostValues {
					t.Errorf("%s has %d values", m.Name, len(value))
				}
			default:
				t.Errorf("%s is %v: %s", m.Name, value, line)
			}
			known = append(known, m.Name)
		}
		for name := range members {
			if !slices.Contains(known, name) {
				t.Errorf("%s is neither a dimension nor a metric: %s", name, line)
			}
		}
		all = append(all, members)
	}
	return all
}

func TestWhatIsCountedIsWrittenInTheEmbeddedMetricFormat(t *testing.T) {
	t.Parallel()
	r, out := recorded(func(r *Recorder) {
		r.Count(Outcomes, "refund", "unknown")
		r.Count(RateLimitWaits)
		r.Count(RateLimitWaits)
		r.Count(StoreConflicts)
		r.Count(Outcomes, "refund", "succeeded")
		r.Count(Outcomes, "refund", "succeeded")
		r.Add(SettleTime, 7, "refund")
		r.Add(SettleTime, 70, "refund")
		r.Count(Contradicted)
	})
	r.Flush("L1")
	all := read(t, out.Bytes())
	if len(all) != 5 { // one for each set of dimensions' values
		t.Fatalf("%d lines:\n%s", len(all), out)
	}
	for _, want := range []string{
		`"requestId":"L1"`, `"Dimensions":[["kind","status"]]`, `"kind":"refund","status":"unknown","Outcomes":1}`, `"status":"succeeded","Outcomes":2}`,
		`"function":"refund","RateLimitWaits":2,"StoreConflicts":1}`, `"kind":"refund","SettleTime":[7,70]}`, `"Dimensions":[[]]`,
		`{"Name":"SettleTime","Unit":"Seconds"}`, `"Contradicted":1}`,
	} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("%s is missing in\n%s", want, out)
		}
	}
	out.Reset()
	if r.Flush("L2"); out.Len() != 0 {
		t.Errorf("written twice: %s", out)
	}
}

func TestAnInvocationThatCountsNothingWritesNothing(t *testing.T) {
	t.Parallel()
	var none *Recorder
	none.Count(Contradicted)
	none.Flush("L1")
	if r, out := recorded(func(*Recorder) {}); true {
		if r.Flush("L1"); out.Len() != 0 {
			t.Errorf("%s", out)
		}
	}
}

func TestMoreValuesThanALineTakesGoOnInAnother(t *testing.T) {
	t.Parallel()
	r, out := recorded(func(r *Recorder) {
		for i := range 2*mostValues + 1 {
			r.Add(SettleTime, int64(i), "refund")
		}
	})
	r.Flush("")
	all, n := read(t, out.Bytes()), 0
	for _, line := range all {
		if list, ok := line["SettleTime"].([]any); ok {
			n += len(list)
			continue
		}
		n++
	}
	if len(all) != 3 || n != 2*mostValues+1 {
		t.Errorf("%d lines with %d values", len(all), n)
	}
}

// An id comes from outside: whatever is in it, a line stays one line and JSON.
func TestNothingBreaksALine(t *testing.T) {
	t.Parallel()
	for _, id := range []string{"a\"b", "a\\", "a\nb", "ş", "\x00\x7f", "{}"} {
		r, out := recorded(func(r *Recorder) { r.Count(Contradicted) })
		r.Flush(id)
		if all := read(t, out.Bytes()); len(all) != 1 || bytes.Count(out.Bytes(), []byte("\n")) != 1 {
			t.Errorf("%q: %s", id, out)
		}
	}
}

func TestTheTableIsWithinCloudWatchsLimits(t *testing.T) {
	t.Parallel()
	names := map[string]bool{}
	for _, m := range All() {
		if !regexp.MustCompile(`^[A-Z][A-Za-z]{1,40}$`).MatchString(m.Name) || names[m.Name] || m.Says == "" || strings.HasSuffix(m.Says, ".") {
			t.Errorf("%+v", m)
		}
		names[m.Name] = true
		for _, d := range m.Dimensions {
			if !slices.Contains([]string{DimFunction, DimKind, DimStatus}, d) {
				t.Errorf("%s: dimension %s is none of the few", m.Name, d)
			}
		}
	}
	if len(names) > mostMetrics {
		t.Error("a line could hold too many metrics")
	}
}

func TestAMissingDimensionIsABug(t *testing.T) {
	t.Parallel()
	defer func() {
		if v := recover(); v == nil || !strings.Contains(fmt.Sprint(v), "lacks the value of status") {
			t.Errorf("%v", v)
		}
	}()
	recorded(func(r *Recorder) { r.Count(Outcomes, "refund") })
}

// TestALineCostsFewAllocations keeps what each command pays for being counted small (docs/proof/benchmarks.md).
func TestALineCostsFewAllocations(t *testing.T) {
	var out bytes.Buffer
	r := New("iade/stack", "refund", &out, time.Now)
	n := testing.AllocsPerRun(100, func() {
		out.Reset()
		r.Count(Outcomes, "refund", "succeeded")
		r.Flush("6bc28136-xmpl-4365-b021-0ce6b2e64ab0")
	})
	if n > 20 {
		t.Errorf("%v allocations", n)
	}
}

func BenchmarkOneOutcome(b *testing.B) {
	var out bytes.Buffer
	r := New("iade/stack", "refund", &out, time.Now)
	b.ReportAllocs()
	for b.Loop() {
		out.Reset()
		r.Count(Outcomes, "refund", "succeeded")
		r.Flush("6bc28136-xmpl-4365-b021-0ce6b2e64ab0")
	}
}
