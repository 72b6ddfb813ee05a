fn main() -> std::process::ExitCode {
    gonghui::app::main()
}
