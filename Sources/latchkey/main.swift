import LatchkeyCommand

await LatchkeyMain.run()
