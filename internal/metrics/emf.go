package metrics

import (
	"slices"
	"strconv"
	"time"
)

// The limits of CloudWatch's embedded metric format ("Specification: Embedded metric format", CloudWatch user guide): a
// line names at most 100 metrics and 30 dimensions, and a metric has at most 100 values. The table is far below the first
// two.
const (
	mostMetrics    = 100
	mostDimensions = 30
	mostValues     = 100
)

// lines writes series in the embedded metric format: one line for each set of dimensions' values. Beside what the format
// asks for, a line has the members that all lines of the log have. The text is put together by hand: most invocations write
// one line, and encoding/json would prepare itself for its type at each start.
func lines(namespace, requestID string, at time.Time, all []*series) []byte {
	var out []byte
	for len(all) > 0 {
		line := []*series{all[0]}
		var rest []*series
		for _, s := range all[1:] {
			if len(line) < mostMetrics && sharesALine(line, s) {
				line = append(line, s)
			} else {
				rest = append(rest, s)
			}
		}
		out, all = appendLine(out, namespace, requestID, at, line), rest
	}
	return out
}

// sharesALine tells whether a series has the line's dimensions and values, and is another metric than those on it.
func sharesALine(line []*series, s *series) bool {
	return slices.Equal(line[0].metric.Dimensions, s.metric.Dimensions) && slices.Equal(line[0].dims, s.dims) &&
		!slices.ContainsFunc(line, func(other *series) bool { return other.metric == s.metric })
}

func appendLine(out []byte, namespace, requestID string, at time.Time, line []*series) []byte {
	out = append(out, `{"timestamp":`...)
	out = appendText(out, at.UTC().Format(time.RFC3339Nano))
	out = append(out, `,"level":"INFO","message":"metrics"`...)
	if requestID != "" {
		out = appendMember(out, "requestId", requestID)
	}
	out = append(out, `,"_aws":{"Timestamp":`...)
	out = strconv.AppendInt(out, at.UnixMilli(), 10)
	out = append(out, `,"CloudWatchMetrics":[{"Namespace":`...)
	out = appendText(out, namespace)
	out = append(out, `,"Dimensions":[[`...)
	for i, name := range line[0].metric.Dimensions {
		out = appendText(comma(out, i), name)
	}
	out = append(out, `]],"Metrics":[`...)
	for i, s := range line {
		out = append(comma(out, i), `{"Name":`...)
		out = appendText(out, s.metric.Name)
		out = append(out, `,"Unit":`...)
		out = append(appendText(out, string(s.metric.Unit)), '}')
	}
	out = append(out, `]}]}`...)
	for i, name := range line[0].metric.Dimensions {
		out = appendMember(out, name, line[0].dims[i])
	}
	for _, s := range line {
		out = append(appendText(append(out, ','), s.metric.Name), ':')
		out = appendValues(out, s.values)
	}
	return append(out, '}', '\n')
}

func appendValues(out []byte, values []int64) []byte {
	if len(values) == 1 {
		return strconv.AppendInt(out, values[0], 10)
	}
	out = append(out, '[')
	for i, v := range values {
		out = strconv.AppendInt(comma(out, i), v, 10)
	}
	return append(out, ']')
}

func comma(out []byte, i int) []byte {
	if i > 0 {
		return append(out, ',')
	}
	return out
}

func appendMember(out []byte, name, value string) []byte {
	return appendText(append(appendText(append(out, ','), name), ':'), value)
}

// appendText writes a JSON string. What is no plain ASCII, or would have to be escaped, is in none of the words that are
// written here; should it be in an id that comes from outside, it becomes an underscore.
func appendText(out []byte, text string) []byte {
	out = append(out, '"')
	for i := range len(text) {
		c := text[i]
		if c < ' ' || c > '~' || c == '"' || c == '\\' {
			c = '_'
		}
		out = append(out, c)
	}
	return append(out, '"')
}
