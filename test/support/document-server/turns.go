package main

import (
	"encoding/binary"
	"io"
	"net"
	"sync"
)

// From the wire protocol: the header's size, the code of OP_MSG and its flag for a message that gets no reply.
const (
	headerSize = 16
	opMsg      = 2013
	moreToCome = 1 << 1
)

// oneAtATime passes commands on to the server behind, the next only after the reply to the one before.
//
// FerretDB reads a document, changes it and writes it back with nothing to keep others out between: of 100 increments at
// once 5 were counted. MongoDB changes a single document atomically, and what is tested with this server rests on that.
func oneAtATime(listener net.Listener, behind string) {
	var turn sync.Mutex
	for {
		client, err := listener.Accept()
		if err != nil {
			return
		}
		go func() {
			defer client.Close()
			server, err := net.Dial("tcp", behind)
			if err != nil {
				return
			}
			defer server.Close()
			for pass(client, server, &turn) == nil {
			}
		}()
	}
}

// pass hands on one command and its reply.
func pass(client, server net.Conn, turn *sync.Mutex) error {
	command, err := message(client)
	if err != nil {
		return err
	}
	turn.Lock()
	defer turn.Unlock()
	if _, err := server.Write(command); err != nil {
		return err
	}
	if binary.LittleEndian.Uint32(command[12:]) == opMsg && command[headerSize]&moreToCome != 0 {
		return nil
	}
	reply, err := message(server)
	if err != nil {
		return err
	}
	_, err = client.Write(reply)
	return err
}

// message reads one message: its length comes first, and counts itself.
func message(from io.Reader) ([]byte, error) {
	header := make([]byte, headerSize)
	if _, err := io.ReadFull(from, header); err != nil {
		return nil, err
	}
	size := binary.LittleEndian.Uint32(header)
	if size <= headerSize || size > 64<<20 {
		return nil, io.ErrUnexpectedEOF
	}
	whole := append(header, make([]byte, size-headerSize)...)
	_, err := io.ReadFull(from, whole[headerSize:])
	return whole, err
}
