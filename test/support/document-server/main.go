// A server of the MongoDB wire protocol that keeps its data in SQLite files: FerretDB, for tests.
//
//	document-server FOLDER ADDRESS
//
// Prints its URL in one line, and ends when its input does: a test that was killed leaves no server behind.
package main

import (
	"context"
	"fmt"
	"io"
	"log"
	"log/slog"
	"net"
	"os"
	"strings"

	"github.com/FerretDB/FerretDB/ferretdb"
)

func main() {
	log.SetFlags(0)
	if len(os.Args) != 3 {
		log.Fatal("document-server FOLDER ADDRESS")
	}
	folder, address := os.Args[1], os.Args[2]
	listener, err := net.Listen("tcp", address)
	if err != nil {
		log.Fatal(err)
	}
	server, err := ferretdb.New(&ferretdb.Config{
		Listener: ferretdb.ListenerConfig{TCP: "127.0.0.1:0"},
		// Its own logger tells in full each command that failed, and here commands fail on purpose.
		Logger:    slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelError})),
		Handler:   "sqlite",
		SQLiteURL: "file:" + folder + "/",
	})
	if err != nil {
		log.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		stop()
	}()
	go func() {
		behind := strings.Trim(strings.TrimPrefix(server.MongoDBURI(), "mongodb://"), "/")
		fmt.Printf("mongodb://%s/\n", listener.Addr())
		oneAtATime(listener, behind)
	}()
	_ = server.Run(ctx)
}
