// Command go shows a shop's side of iade, without a framework:
//
//	go run ./examples/go refund ORDER PAYMENT AMOUNT   refund.go
//	go run ./examples/go preview PAYMENT AMOUNT        preview.go
//	go run ./examples/go consume < batch.json          consume.go
package main

import (
	"cmp"
	"errors"
	"fmt"
	"os"
)

func main() {
	code, err := 1, errors.New("say refund, preview or consume")
	switch args := os.Args[1:]; {
	case len(args) == 4 && args[0] == "refund":
		code, err = refund(args[1], args[2], args[3])
	case len(args) == 3 && args[0] == "preview":
		code, err = preview(args[1], args[2])
	case len(args) == 1 && args[0] == "consume":
		code, err = consume(os.Stdin)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
	}
	os.Exit(code)
}

// address is where iade's API is.
func address() string { return cmp.Or(os.Getenv("IADE_URL"), "http://127.0.0.1:8080") }

// store puts a file on disk, whole or not at all.
func store(path string, content []byte) error {
	file, err := os.Create(path + ".new")
	if err != nil {
		return err
	}
	_, err = file.Write(content)
	if err = errors.Join(err, file.Sync(), file.Close()); err != nil {
		return err
	}
	return os.Rename(path+".new", path)
}
