package console

import (
	"bytes"
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/iade/iade/internal/words"
)

const (
	eventsShown = 50
	eventsRead  = 1000 // the most that one answer of the local list has
	eventsEvery = "5"  // seconds, where somebody wants to see them come
	mostChunks  = 1000
)

// eventsPage is the newest events, newest first.
type eventsPage struct {
	Events []localEvent
	Count  int
	Live   bool
}

// localEvent is one event as it was published.
type localEvent struct {
	Line   int
	Type   string    `json:"detail-type"`
	Time   time.Time `json:"time"`
	Detail struct {
		Operation

		Sequence int64  `json:"sequence"`
		Date     string `json:"date"`
	} `json:"detail"`
}

// events shows the newest events of the local list. Who wants to see them come has the browser ask again.
func (c *Console) events(v *visit) {
	if !c.Events {
		c.nothing(v)
		return
	}
	page := eventsPage{Live: v.r.URL.Query().Get("live") == "on"}
	for range mostChunks {
		said, err := c.do(v.ctx, request{method: http.MethodGet, path: "/_local/events?after=" + strconv.Itoa(page.Count), accept: "application/x-ndjson"})
		if err != nil {
			c.refuse(v, err)
			return
		}
		lines := bytes.Split(bytes.TrimRight(said.body, "\n"), []byte("\n"))
		if len(said.body) == 0 {
			break
		}
		for i, line := range lines {
			e := localEvent{Line: page.Count + i + 1}
			if json.Unmarshal(line, &e) == nil {
				page.Events = append(page.Events, e)
			}
		}
		page.Count += len(lines)
		page.Events = slices.Clone(page.Events[max(0, len(page.Events)-eventsShown):])
	}
	slices.Reverse(page.Events)
	if page.Live {
		v.w.Header().Set("Refresh", eventsEvery)
	}
	c.show(v, http.StatusOK, "events", words.Text{"Events", "Olaylar"}.In(v.lang), page)
}
