package main

import (
	"context"
	"flag"
	"fmt"

	"github.com/iade/iade/internal/words"
)

// historyCommand shows every recorded change of an operation, oldest first.
func historyCommand(_ *flag.FlagSet, k *call) func(context.Context) (int, error) {
	return func(ctx context.Context) (int, error) {
		id, err := k.operation()
		if err != nil {
			return exitBadFile, err
		}
		client, err := k.connect()
		if err != nil {
			return exitBadFile, err
		}
		defer client.http.CloseIdleConnections()
		var history struct {
			Changes []words.Change `json:"changes"`
		}
		said, err := client.read(ctx, "/operations/"+id+"/history", &history)
		if err != nil {
			return exitSomeNot, err
		}
		if k.asJSON {
			return exitDone, k.raw(said)
		}
		if len(history.Changes) == 0 {
			say(k.out, "%s\n", text{"Nothing is recorded yet: look again in a minute.", "Henüz kayıt yok: bir dakika sonra yeniden bakın."}.In(k.lang))
		}
		for i := range history.Changes {
			k.change(&history.Changes[i])
		}
		return exitDone, nil
	}
}

func (k *call) change(c *words.Change) {
	l := k.lang
	from := text{"begins", "başlar"}.In(l)
	if c.From != "" {
		from = l.State(c.From)
	}
	part := ""
	if c.Leg > 0 {
		part = fmt.Sprintf(text{"part %d: ", "%d. parça: "}.In(l), c.Leg)
	}
	say(k.out, "%s  %s%s → %s   %s\n", padded(l.Second(c.At), 21), part, from, k.paint(bold, l.State(c.To)), l.Actor(c.Actor))
	if c.Evidence == nil {
		return
	}
	for _, line := range c.Evidence.Lines(l) {
		say(k.out, "%s  %s\n", padded("", 21), line)
	}
}
