import LatchkeyCommand

await LatchkeyTool.main()
