import CExec

/// The whole of `latchkey-exec`: read the environment file, become the command. Nothing of the process is changed on
/// the way but its environment: number, descriptors, directory, limits, mask and handling of signals are the command's.
@_cdecl("latchkey_exec_main")
public func main(
    count: CInt, arguments: UnsafePointer<UnsafePointer<CChar>?>, environment: UnsafePointer<UnsafePointer<CChar>?>
) -> CInt {
    // Should the kernel refuse, a core dump is as likely as for the application itself.
    _ = lk_set_undumpable()
    do throws(Fault) {
        switch try Invocation(count: Int(count), arguments: arguments) {
        case .help: try Help.write()
        case .version: try Help.writeVersion()
        case .run(let run): return execute(run, environment: environment)
        }
        return ExitCode.success.rawValue
    } catch {
        return report(error, file: nil, command: nil)
    }
}

/// Comes back only if the command could not be started.
private func execute(_ run: Invocation.Run, environment: UnsafePointer<UnsafePointer<CChar>?>) -> CInt {
    var shownCommand: Bytes?
    do throws(Fault) {
        let content = try EnvironmentContent(
            FileContent.read(run.file, maximumSize: EnvironmentFormat.maximumSize))
        var substitution = Substitution(content)
        let words = try Words(run, &substitution)
        guard let command = words.entries.element(at: 0) ?? nil else { throw .usage("no command follows '--'") }
        if !words.commandIsPrivate { shownCommand = Bytes(text: command) }
        let completed = try Environment(completing: environment, with: content.variables, &substitution)
        let path = try CommandPath(of: Bytes(text: command), searchPath: completed.value(of: "PATH") ?? Bytes(""))
        let result = lk_execve(path.address, words.entries.address, completed.entries.address)
        throw Fault(execution: -result, of: path)
    } catch {
        return report(error, file: run.file, command: shownCommand)
    }
}

private func report(_ fault: Fault, file: Bytes?, command: Bytes?) -> CInt {
    if var sentence = try? Sentence() {
        fault.describe(in: &sentence, file: file, command: command)
        sentence.publish()
    } else {
        Output.write("latchkey-exec: the kernel gives no memory: raise the container's memory limit\n", to: 2)
    }
    return fault.exitCode.rawValue
}

extension Fault {
    /// What execve's errno leaves open.
    fileprivate init(execution errno: Int, of path: CommandPath) {
        let access = lk_may_execute(path.address)
        switch errno {
        case Int(LK_ENOENT.rawValue) where access == 0, Int(LK_ELIBBAD.rawValue): self = .interpreterMissing
        case Int(LK_EACCES.rawValue) where access == -Int(LK_EISDIR.rawValue): self = .commandIsDirectory
        default: self = .execution(errno: errno)
        }
    }
}
