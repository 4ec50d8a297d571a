package app

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"strings"
	"testing"

	"github.com/aws/aws-lambda-go/lambdacontext"
)

func invocation(id string) context.Context {
	return lambdacontext.NewContext(context.Background(), &lambdacontext.LambdaContext{AwsRequestID: id})
}

func TestALogLineIsJSONWithBothIdsOfItsCall(t *testing.T) {
	t.Parallel()
	for _, x := range []struct {
		name string
		ctx  context.Context
		args []any
		want map[string]string
	}{
		{"outside an invocation", context.Background(), []any{"error", "e"}, map[string]string{"error": "e"}},
		{"in an invocation", invocation("L1"), []any{"error", "e"}, map[string]string{"requestId": "L1", "error": "e"}},
		{"about a request of the gateway", invocation("L1"), []any{"requestId", "G1", "code", "c"},
			map[string]string{"requestId": "L1", "correlationId": "G1", "code": "c"}},
		{"about the invocation itself", invocation("L1"), []any{"requestId", "L1"}, map[string]string{"requestId": "L1"}},
	} {
		t.Run(x.name, func(t *testing.T) {
			t.Parallel()
			var out bytes.Buffer
			newLogger(&out, slog.LevelInfo).WarnContext(x.ctx, "words", x.args...)
			var line map[string]string
			if err := json.Unmarshal(out.Bytes(), &line); err != nil {
				t.Fatalf("%s: %v", out.Bytes(), err)
			}
			if line["timestamp"] == "" || line["level"] != "WARN" || line["message"] != "words" {
				t.Errorf("%s", out.Bytes())
			}
			for _, name := range []string{"timestamp", "level", "message"} {
				delete(line, name)
			}
			if len(line) != len(x.want) || strings.Count(out.String(), "equestId") != strings.Count(strings.Join(keys(x.want), " "), "equestId") {
				t.Errorf("%s, want %v", out.Bytes(), x.want)
			}
			for name, want := range x.want {
				if line[name] != want {
					t.Errorf("%s is %q, want %q", name, line[name], want)
				}
			}
		})
	}
}

func keys(m map[string]string) []string {
	var names []string
	for name := range m {
		names = append(names, name)
	}
	return names
}

func TestALoggerKeepsItsAttributesGroupsAndLevel(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	var level slog.LevelVar
	log := newLogger(&out, &level)
	log.Debug("too low")
	if out.Len() != 0 {
		t.Errorf("logged below its level: %s", out.Bytes())
	}
	level.Set(slog.LevelDebug)
	log.With("a", "1").WithGroup("g").DebugContext(invocation("L1"), "words", "b", "2")
	var line struct {
		A string
		G struct{ B string }
	}
	if err := json.Unmarshal(out.Bytes(), &line); err != nil || line.A != "1" || line.G.B != "2" {
		t.Errorf("%s %v", out.Bytes(), err)
	}
}
