// Command obvious is the service that iade is compared with (make safety): refunds over iyzico as a competent engineer
// writes them in a day, from the usual advice. A row per idempotency key goes into a table before iyzico is called; a plain
// client calls; time-outs, network errors and 5xx are tried again, three times in all, with a growing pause; the row's
// status answers duplicates; a row that stays pending too long, because a process died or all tries failed, is taken over
// by the next request with its key. What it lacks is what nothing in that advice tells: that iyzico may have moved the
// money although no answer, or a bad one, came back. It is test code: do not deploy it.
package main

import (
	"errors"
	"flag"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"github.com/iade/iade/pkg/iyzico"
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "obvious:", err)
		os.Exit(1)
	}
}

// run serves until the process is killed: its table survives that.
func run() (err error) {
	addr := flag.String("addr", "127.0.0.1:0", "`address` to serve")
	data := flag.String("data", "", "`folder` of the table")
	timeout := flag.Duration("timeout", 20*time.Second, "the most that one try may take")
	flag.Parse()
	keys := iyzico.Config{
		BaseURL: os.Getenv("IYZICO_BASE_URL"), APIKey: iyzico.Secret(os.Getenv("IYZICO_API_KEY")), SecretKey: iyzico.Secret(os.Getenv("IYZICO_SECRET_KEY")),
	}
	reads, err := iyzico.New(keys)
	if err != nil {
		return err
	}
	rows, err := openTable(filepath.Join(*data, "refunds.db"))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	listener, err := net.Listen("tcp", *addr)
	if err != nil {
		return err
	}
	fmt.Printf("obvious http://%s\n", listener.Addr())
	client := &client{keys: keys, http: &http.Client{Timeout: *timeout}}
	server := &http.Server{Handler: &service{rows: rows, client: client, reads: reads, stale: tries**timeout + 2*time.Second}, ReadHeaderTimeout: 10 * time.Second}
	return server.Serve(listener)
}
